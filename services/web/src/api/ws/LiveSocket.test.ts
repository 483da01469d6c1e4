import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../errors'
import { closing } from './closing'
import { fakeConnect } from './FakeSocket'
import type { LiveSocket, LiveSocketOptions, LiveSocketParts } from './LiveSocket'

let running: LiveSocket | null = null

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  running?.stop()
  vi.useRealTimers()
})

async function start(options: Partial<LiveSocketOptions> = {}, parts: Partial<LiveSocketParts> = {}) {
  const fake = fakeConnect(parts)
  const frames: unknown[] = []
  running = fake.connect({
    path: '/ws/events',
    query: () => ({}),
    onFrame: (frame) => frames.push(frame),
    onConnection: () => undefined,
    ...options,
  })
  running.start()
  await settle()
  return { ...fake, frames, socket: running, phase: () => fake.states.at(-1)?.phase }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

describe('LiveSocket', () => {
  it('takes a ticket for every attempt and asks for the position anew', async () => {
    let position = 1
    const { sockets, last } = await start({ query: () => ({ from: `e:${position}` }) })
    expect(last().url.search).toBe('?from=e%3A1&ticket=t1')
    last().opens()
    position = 7
    last().closes(1006)
    await vi.advanceTimersByTimeAsync(500)
    expect(last().url.search).toBe('?from=e%3A7&ticket=t2')
    expect(sockets).toHaveLength(2)
  })

  it('hands frames on and ignores what is no JSON', async () => {
    const { last, frames } = await start()
    last().opens()
    last().sends({ type: 'heartbeat' })
    last().onmessage?.({ data: 'nonsense' })
    last().onmessage?.({ data: new ArrayBuffer(1) })
    expect(frames).toEqual([{ type: 'heartbeat' }])
  })

  it.each([1000, 4400, 4403, 4404, 1009])('stays closed after %i', async (code) => {
    const { last, sockets, phase } = await start()
    last().opens()
    last().closes(code)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(sockets).toHaveLength(1)
    expect(phase()).toBe(code === 1000 ? 'ended' : 'lost')
  })

  it('comes back within a second after 1012', async () => {
    const { last, sockets, phase } = await start()
    last().opens()
    last().closes(1012)
    expect(phase()).toBe('reconnecting')
    await vi.advanceTimersByTimeAsync(500)
    expect(sockets).toHaveLength(2)
  })

  it('waits longer after each failure, and starts over once frames come', async () => {
    const { last, states } = await start()
    const now = Date.now()
    const delays: number[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      const before = Date.now()
      last().closes(1006)
      const state = states.at(-1)
      delays.push(state?.phase === 'reconnecting' ? state.at - before : -1)
      await vi.advanceTimersByTimeAsync(20_000)
    }
    expect(delays).toEqual([250, 500, 1000, 2000])
    last().sends({ type: 'heartbeat' })
    last().closes(1006)
    expect(states.at(-1)).toMatchObject({ phase: 'reconnecting', at: Date.now() + 250 })
    expect(now).toBeLessThan(Date.now())
  })

  it('renews the token after 4401 and comes back', async () => {
    const renew = vi.fn().mockResolvedValue(true)
    const { last, sockets } = await start({}, { renew })
    last().closes(4401)
    await vi.advanceTimersByTimeAsync(1000)
    expect(renew).toHaveBeenCalledTimes(1)
    expect(sockets).toHaveLength(2)
  })

  it('stops when there is no session any more', async () => {
    const { last, sockets, phase } = await start({}, { renew: () => Promise.resolve(false) })
    last().closes(4401)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sockets).toHaveLength(1)
    expect(phase()).toBe('lost')
  })

  it('waits the seconds that 4429 names', async () => {
    const { last, sockets } = await start()
    last().closes(4429, '10 per user; retry after 30')
    await vi.advanceTimersByTimeAsync(29_900)
    expect(sockets).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200)
    expect(sockets).toHaveLength(2)
  })

  it('takes 40 s of silence for a dead connection', async () => {
    const { last, sockets } = await start()
    const first = last()
    first.opens()
    await vi.advanceTimersByTimeAsync(39_000)
    first.sends({ type: 'heartbeat' })
    await vi.advanceTimersByTimeAsync(39_000)
    expect(sockets).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(sockets).toHaveLength(2)
    expect(first.closed).toBe(true)
  })

  it('does not wait for the timer when the network comes back', async () => {
    const { last, sockets } = await start()
    last().closes(4429, 'retry after 300')
    window.dispatchEvent(new Event('online'))
    await settle()
    expect(sockets).toHaveLength(2)
  })

  it.each([
    [new ApiError(404, { code: 'container_not_found', message: 'gone' }), 'lost', 1],
    [new ApiError(403, { code: 'denied', message: 'no' }), 'lost', 1],
    // A load balancer that has no replica yet answers like this.
    [new ApiError(404, {}), 'reconnecting', 3],
    [new ApiError(503, {}), 'reconnecting', 3],
    [ApiError.network(), 'reconnecting', 3],
  ])('judges a refused ticket by its status: %s', async (error, expected, attempts) => {
    const ticket = vi.fn().mockRejectedValue(error)
    const { phase } = await start({}, { ticket })
    await vi.advanceTimersByTimeAsync(760)
    expect(phase()).toBe(expected)
    expect(ticket).toHaveBeenCalledTimes(attempts)
  })

  it('asks why when an attempt fails before it opens', async () => {
    const { last, sockets, phase } = await start({ verify: () => Promise.resolve(closing(4404, '')) })
    last().closes(1006)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sockets).toHaveLength(1)
    expect(phase()).toBe('lost')
  })

  it('opens nothing after it was stopped while its ticket was on the way', async () => {
    const fake = fakeConnect()
    const socket = fake.connect({ path: '/ws/events', query: () => ({}), onFrame: () => undefined, onConnection: () => undefined })
    socket.start()
    socket.stop()
    await vi.advanceTimersByTimeAsync(1000)
    expect(fake.sockets).toHaveLength(0)
  })
})
