import { describe, expect, it } from 'vitest'
import { progressOf, remainingMs, shareOf, titleOf, type Step } from './model'

const step = (current: number | null, total: number | null): Step => ({ id: 's', text: '', current, total, unit: 'bytes' })
const job = (...steps: Step[]) => ({ state: 'running' as const, progress: { steps, message: '' }, started_at: '2026-01-01T00:00:00Z' })

describe('shareOf', () => {
  it('is known where a size is', () => {
    expect(shareOf(step(5, 10))).toBe(0.5)
    expect(shareOf(step(20, 10))).toBe(1)
    expect(shareOf(step(5, null))).toBeNull()
    expect(shareOf(step(0, 0))).toBeNull()
  })
})

describe('progressOf', () => {
  it('weighs steps by their size', () => {
    expect(progressOf(job(step(10, 10), step(0, 90)))).toBe(0.1)
  })
  it('counts steps of unknown size as average ones', () => {
    expect(progressOf(job(step(50, 50), step(null, null)))).toBe(0.5)
  })
  it('is not known before any size is', () => {
    expect(progressOf(job(step(null, null)))).toBeNull()
    expect(progressOf(job())).toBeNull()
  })
  it('is whole when the job is done', () => {
    expect(progressOf({ ...job(), state: 'succeeded' })).toBe(1)
  })
})

describe('remainingMs', () => {
  const at = Date.parse('2026-01-01T00:00:10Z')
  it('goes by the pace so far', () => {
    expect(remainingMs(job(step(20, 100)), at)).toBe(40_000)
  })
  it('says nothing at the begin, nor behind the end', () => {
    expect(remainingMs(job(step(1, 100)), at)).toBeNull()
    expect(remainingMs(job(step(20, 100)), at - 9000)).toBeNull()
    expect(remainingMs(job(step(100, 100)), at)).toBeNull()
    expect(remainingMs({ ...job(step(20, 100)), state: 'failed' }, at)).toBeNull()
  })
})

it('titles say what is done to what', () => {
  expect(titleOf({ kind: 'image.pull', subject: 'nginx' })).toBe('Pull nginx')
  expect(titleOf({ kind: 'stack.deploy', subject: 'web' })).toBe('stack.deploy web')
})
