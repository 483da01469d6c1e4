import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeConnect } from '@/api/ws/FakeSocket'
import { StatsStream } from './StatsStream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const frame = (second: number, cpu: number | null) => ({
  type: 'stats',
  at: new Date(second * 1000).toISOString(),
  cpu_percent: cpu,
  memory: { used: 100, limit: null, percent: null },
  network: null,
  block: { read_bytes: 1, write_bytes: 2, read_rate: null, write_rate: 3 },
  pids: 4,
})

describe('StatsStream', () => {
  it('keeps samples in order, each once, for the longest window', async () => {
    const fake = fakeConnect()
    const stream = new StatsStream({ host: 'local', id: 'abc' }, fake.connect)
    await vi.advanceTimersByTimeAsync(0)
    fake.last().opens()
    for (let second = 0; second < 2000; second++) fake.last().sends(frame(second, second === 0 ? null : 1))
    fake.last().sends(frame(1999, 1))
    fake.last().sends(frame(1500, 1))
    const samples = stream.samples()
    expect(samples).toHaveLength(961)
    expect(samples.at(-1)).toMatchObject({ at: 1_999_000, cpu: 1, memory: 100, received: null, written: 2, writtenRate: 3, pids: 4 })
    expect(stream.condition()).toEqual({ phase: 'live' })
    stream.stop()
  })

  it('tells a stopped container from a lost connection', async () => {
    const fake = fakeConnect()
    const stream = new StatsStream({ host: 'local', id: 'abc' }, fake.connect)
    await vi.advanceTimersByTimeAsync(0)
    fake.last().opens()
    fake.last().sends({ type: 'state', state: 'ended', reason: 'exit code 0' })
    expect(stream.condition()).toEqual({ phase: 'ended', reason: 'exit code 0' })
    fake.last().closes(1006)
    expect(stream.condition().phase).toBe('reconnecting')
    stream.stop()
  })
})
