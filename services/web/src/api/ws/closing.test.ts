import { describe, expect, it } from 'vitest'
import { backoff, closing, jitter, secondsToWait } from './closing'

describe('closing', () => {
  it.each([
    [1000, { kind: 'ended' }],
    [1009, { kind: 'stopped' }],
    [4400, { kind: 'stopped' }],
    [4403, { kind: 'stopped' }],
    [4404, { kind: 'stopped' }],
    [4401, { kind: 'reauthenticate' }],
    [1012, { kind: 'retry', when: 'jitter' }],
    [4408, { kind: 'retry', when: 'backoff' }],
    [4413, { kind: 'retry', when: 'backoff' }],
    [1006, { kind: 'retry', when: 'backoff' }],
    [1011, { kind: 'retry', when: 'backoff' }],
  ])('follows the contract for %i', (code, expected) => {
    expect(closing(code, '')).toMatchObject(expected)
  })

  it('waits as long as the server says', () => {
    expect(closing(4429, '10 per user; retry after 30 s')).toMatchObject({ kind: 'retry', when: 30_000 })
  })

  it.each([
    ['10 per user; Retry-After: 12', 12],
    ['50 viewers per container, try in 7 seconds', 7],
    ['too many', 5],
    ['retry after 0', 1],
    ['retry after 99999', 600],
  ])('reads the seconds of %j', (reason, seconds) => {
    expect(secondsToWait(reason)).toBe(seconds)
  })
})

describe('delays', () => {
  it('grow exponentially to a cap, with full jitter', () => {
    expect([0, 1, 2, 3, 20].map((attempt) => backoff(attempt, () => 1))).toEqual([500, 1000, 2000, 4000, 15_000])
    expect(backoff(10, () => 0)).toBe(0)
    expect(jitter(() => 0.5)).toBe(500)
  })
})
