import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeConnect } from '@/api/ws/FakeSocket'
import { LogStore } from './LogStore'
import { LogStream } from './LogStream'

let stream: LogStream | null = null

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  stream?.stop()
  vi.useRealTimers()
})

async function watch() {
  const fake = fakeConnect()
  const store = new LogStore(1000, (task) => task())
  const watched = new LogStream({ host: 'local', id: 'abc' }, fake.connect, store)
  stream = watched
  await vi.advanceTimersByTimeAsync(0)
  return {
    ...fake,
    condition: () => watched.condition(),
    begin: (epoch = 'e1', next = 1) => {
      fake.last().opens()
      fake.last().sends({ type: 'start', container: 'abc', epoch, tty: false, oldest: 1, next })
    },
    log: (epoch: string, ...numbers: number[]) =>
      fake.last().sends({
        type: 'log',
        epoch,
        chunks: numbers.map((n) => ({ n, s: 1, t: '2026-11-24T10:00:00.123456789Z', d: `line ${n}\n` })),
      }),
    /** Chunks whose times and texts stay the same under another numbering. */
    logAt: (epoch: string, from: number, ...texts: string[]) =>
      fake.last().sends({ type: 'log', epoch, chunks: texts.map((d, index) => ({ n: from + index, s: 1, t: d, d: `${d}\n` })) }),
    gap: (epoch: string, from: number, to: number, reason = 'rotated') => fake.last().sends({ type: 'gap', from, to, reason, epoch }),
    reconnect: async () => {
      fake.last().closes(1006)
      await vi.advanceTimersByTimeAsync(500)
    },
    rows: () =>
      Array.from({ length: store.end - store.first }, (_, index) => {
        const row = store.at(store.first + index)
        if (row?.kind === 'line') return row.text
        return row?.kind === 'gap' ? `gap ${row.missing} ${row.reason}` : row?.text
      }),
    store,
  }
}

describe('LogStream', () => {
  it('begins with the last thousand lines and resumes behind the last chunk', async () => {
    const view = await watch()
    expect(view.last().url.pathname).toBe('/ws/containers/abc/logs')
    expect(view.last().url.searchParams.get('tail')).toBe('1000')
    view.begin()
    view.log('e1', 1, 2, 3)
    await view.reconnect()
    expect(view.last().url.searchParams.get('from')).toBe('e1:3')
    expect(view.last().url.searchParams.has('tail')).toBe(false)
    view.begin('e1', 4)
    view.log('e1', 2, 3, 4)
    expect(view.rows()).toEqual(['line 1', 'line 2', 'line 3', 'line 4'])
  })

  it('sees every line once when it is cut off two hundred times', async () => {
    const view = await watch()
    let sent = 0
    for (let round = 0; round < 200; round++) {
      const from = view.last().url.searchParams.get('from')
      const resume = from === null ? 1 : Number(from.split(':')[1]) + 1
      view.begin('e1', sent + 1)
      sent += round % 3
      const numbers = Array.from({ length: sent - resume + 1 }, (_, index) => resume + index)
      if (numbers.length > 0) view.log('e1', ...numbers)
      await view.reconnect()
    }
    expect(view.rows()).toEqual(Array.from({ length: sent }, (_, index) => `line ${index + 1}`))
  })

  it('asks again when a number is missing without a gap', async () => {
    const view = await watch()
    view.begin()
    view.log('e1', 1, 2)
    view.log('e1', 5, 6)
    await vi.advanceTimersByTimeAsync(0)
    expect(view.sockets).toHaveLength(2)
    expect(view.last().url.searchParams.get('from')).toBe('e1:2')
    view.begin()
    view.log('e1', 3, 4, 5, 6)
    expect(view.rows()).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'line 6'])
  })

  it('shows the hole when asking again does not fill it', async () => {
    const view = await watch()
    view.begin()
    view.log('e1', 1)
    view.log('e1', 4)
    await vi.advanceTimersByTimeAsync(0)
    view.begin()
    view.log('e1', 4)
    expect(view.sockets).toHaveLength(2)
    expect(view.rows()).toEqual(['line 1', 'gap 2 unexplained', 'line 4'])
  })

  it('shows gaps and goes on behind them', async () => {
    const view = await watch()
    view.begin()
    view.log('e1', 1)
    view.gap('e1', 2, 1001)
    view.gap('e1', 2, 1001)
    view.log('e1', 1002)
    expect(view.rows()).toEqual(['line 1', 'gap 1000 rotated', 'line 1002'])
    await view.reconnect()
    expect(view.last().url.searchParams.get('from')).toBe('e1:1002')
  })

  it('ends an open line before a gap', async () => {
    const view = await watch()
    view.begin()
    view.last().sends({ type: 'log', epoch: 'e1', chunks: [{ n: 1, s: 1, t: 't', d: 'half', p: true }] })
    expect(view.store.open).toHaveLength(1)
    view.gap('e1', 2, 3)
    view.log('e1', 4)
    expect(view.rows()).toEqual(['half', 'gap 2 rotated', 'line 4'])
    expect(view.store.open).toHaveLength(0)
  })

  it('takes a new epoch from its first number, with the gap that the server names', async () => {
    const view = await watch()
    view.begin()
    view.log('e1', 1)
    await view.reconnect()
    view.begin('e2')
    view.gap('e1', 2, 1, 'state_lost')
    view.log('e2', 7)
    await view.reconnect()
    expect(view.rows()).toEqual(['line 1', 'gap null state_lost', 'line 7'])
    expect(view.last().url.searchParams.get('from')).toBe('e2:7')
  })

  it('goes on seamlessly when a new epoch begins with what was seen', async () => {
    const view = await watch()
    view.begin()
    view.logAt('e1', 1, 'line 1', 'line 2', 'line 3')
    await view.reconnect()
    view.begin('e2', 5)
    view.gap('e1', 4, 3, 'state_lost')
    view.logAt('e2', 1, 'line 1', 'line 2')
    expect(view.rows()).toHaveLength(3)
    view.logAt('e2', 3, 'line 3', 'line 4')
    view.logAt('e2', 5, 'line 5')
    expect(view.rows()).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
    await view.reconnect()
    expect(view.last().url.searchParams.get('from')).toBe('e2:5')
  })

  it('goes on in the middle of a line', async () => {
    const view = await watch()
    view.begin()
    view.last().sends({ type: 'log', epoch: 'e1', chunks: [{ n: 1, s: 1, t: 't1', d: 'half', p: true }] })
    await view.reconnect()
    view.begin('e2', 3)
    const chunks = [
      { n: 1, s: 1, t: 't1', d: 'half', p: true },
      { n: 2, s: 1, t: 't1', d: ' and half\n' },
    ]
    view.last().sends({ type: 'log', epoch: 'e2', chunks })
    expect(view.rows()).toEqual(['half and half'])
  })

  it('shows a gap and everything when a new epoch does not show what was seen, or shows it twice', async () => {
    for (const replayed of [['other 1'], ['line 1', 'line 1']]) {
      const view = await watch()
      view.begin()
      view.logAt('e1', 1, 'line 1')
      await view.reconnect()
      view.begin('e2', 1 + replayed.length)
      view.gap('e1', 2, 1, 'state_lost')
      view.logAt('e2', 1, ...replayed)
      expect(view.rows()).toEqual(['line 1', 'gap null state_lost', ...replayed])
      stream?.stop()
    }
  })

  it('says what is lost when nothing comes under the new epoch', async () => {
    const view = await watch()
    view.begin()
    view.logAt('e1', 1, 'line 1')
    await view.reconnect()
    view.begin('e2', 1)
    view.last().sends({ type: 'state', state: 'live', reason: '' })
    expect(view.rows()).toEqual(['line 1', 'gap null state_lost'])
  })

  it('marks a new epoch itself when the server does not', async () => {
    const view = await watch()
    view.begin()
    view.log('e1', 1)
    await view.reconnect()
    view.begin('e2')
    view.log('e2', 8)
    expect(view.rows()).toEqual(['line 1', 'gap null state_lost', 'line 8'])
  })

  it('tells live, delayed and ended apart, and marks stop and start once', async () => {
    const view = await watch()
    expect(view.condition().phase).toBe('connecting')
    view.begin()
    expect(view.condition().phase).toBe('live')
    view.last().sends({ type: 'state', state: 'delayed', reason: 'the engine is slow' })
    expect(view.condition()).toEqual({ phase: 'delayed', reason: 'the engine is slow' })
    view.last().sends({ type: 'state', state: 'ended', reason: 'exit code 0' })
    await view.reconnect()
    view.begin()
    view.last().sends({ type: 'state', state: 'ended', reason: 'exit code 0' })
    expect(view.condition().phase).toBe('ended')
    view.last().sends({ type: 'state', state: 'live', reason: '' })
    expect(view.condition().phase).toBe('live')
    expect(view.rows()).toEqual(['The container stopped: exit code 0', 'The container runs again.'])
  })

  it('says why the server gave the stream up', async () => {
    const view = await watch()
    view.begin()
    view.last().sends({ type: 'error', code: 'log_driver_unreadable', message: 'Its log driver cannot be read.' })
    view.last().closes(1000)
    expect(view.condition()).toEqual({ phase: 'lost', reason: 'Its log driver cannot be read.' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(view.sockets).toHaveLength(1)
  })

  it('ignores frames that it does not know', async () => {
    const view = await watch()
    view.begin()
    view.last().sends({ type: 'something new' })
    view.last().sends({ type: 'log', epoch: 'e1', chunks: 'wrong' })
    view.log('e1', 1)
    expect(view.rows()).toEqual(['line 1'])
  })

  it('shows at the end what was held back', async () => {
    const view = await watch()
    view.begin('e1', 1)
    view.logAt('e1', 1, 'a', 'b')
    await view.reconnect()
    // The server means to begin with 7, 8 and 9, and ends before the last of them.
    view.begin('e2', 10)
    view.logAt('e2', 7, 'b', 'c')
    expect(view.rows()).toEqual(['a', 'b'])
    view.last().closes(1000)
    expect(view.rows()).toEqual(['a', 'b', 'c'])
  })

  it('shows at the end the beginning of a line whose end never comes', async () => {
    const view = await watch()
    view.begin()
    view.last().sends({ type: 'log', epoch: 'e1', chunks: [{ n: 1, s: 1, t: 't', d: 'half', p: true }] })
    await view.reconnect()
    expect(view.rows(), 'it may still come').toEqual([])
    view.begin('e1', 2)
    view.last().closes(1000)
    expect(view.rows()).toEqual(['half'])
    expect([view.store.at(0), view.store.open]).toMatchObject([{ truncated: true }, []])
  })
})
