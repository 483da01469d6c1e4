import { describe, expect, it } from 'vitest'
import type { Volume } from './api/volumes'
import { keyOf, matches, sorted, titleOf } from './model'

const volume = (name: string, more: Partial<Volume> = {}): Volume => ({
  name,
  host: 'local',
  driver: 'local',
  created_at: null,
  anonymous: false,
  stack: null,
  labels: {},
  containers: [],
  size_bytes: null,
  ...more,
})
const data = volume('data', { containers: [{ id: 'c', name: 'db', state: 'running' }], labels: { tier: 'gold' } })
const nameless = volume('f'.repeat(64), { anonymous: true })

describe('volumes', () => {
  it('that have no name of their own are shown shortened', () => {
    expect(titleOf(data)).toBe('data')
    expect(titleOf(nameless)).toBe('ffffffffffff')
  })

  it.each([
    [{ q: 'db gold' }, true, false],
    [{ use: 'used' }, true, false],
    [{ use: 'unused' }, false, true],
    [{ use: 'anonymous' }, false, true],
    [{ host: 'other' }, false, false],
  ])('match %j', (filter, first, second) => {
    expect([matches(data, filter), matches(nameless, filter)]).toEqual([first, second])
  })

  it('are sorted by size as far as it is known', () => {
    const sizes = new Map([[keyOf(data), 5]])
    expect(sorted([nameless, data], 'size', false, sizes)).toEqual([data, nameless])
    expect(sorted([nameless, data], 'size', true, sizes)).toEqual([data, nameless])
  })
})
