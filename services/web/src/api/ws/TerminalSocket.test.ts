import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeConnect } from './FakeSocket'
import { TerminalSocket, type TerminalOptions, type TerminalState } from './TerminalSocket'

let running: TerminalSocket | null = null

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  running?.stop()
  vi.useRealTimers()
})

async function start(options: Partial<TerminalOptions> = {}) {
  const fake = fakeConnect()
  const states: TerminalState[] = []
  const sessions: (string | null)[] = []
  const output: string[] = []
  const replay = vi.fn()
  running = new TerminalSocket(
    {
      host: 'local',
      container: 'c1',
      program: { command: [], user: '', workdir: '' },
      size: { cols: 80, rows: 24 },
      session: null,
      onOutput: (bytes) => output.push(new TextDecoder().decode(bytes)),
      onReplay: replay,
      onState: (state) => states.push(state),
      onSession: (session) => sessions.push(session),
      whyRefused: () => Promise.resolve({ kind: 'stopped', reason: 'refused' }),
      ...options,
    },
    fake.connect,
  )
  await vi.advanceTimersByTimeAsync(0)
  return { ...fake, socket: running, states, sessions, output, replay, state: () => states.at(-1) }
}

function parameters(url: URL): Record<string, string[]> {
  return Object.fromEntries([...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)]))
}

describe('TerminalSocket', () => {
  it('asks for the program, word by word, and for its size', async () => {
    const { last } = await start({ program: { command: ['ls', '-l', 'a b'], user: 'www', workdir: '/srv' } })
    expect(last().url.pathname).toBe('/ws/containers/c1/exec')
    expect(parameters(last().url)).toEqual({
      host: ['local'], tty: ['true'], keep: ['true'], cols: ['80'], rows: ['24'], cmd: ['ls', '-l', 'a b'], user: ['www'], workdir: ['/srv'], ticket: ['t1'],
    })
  })

  it('leaves the command to the container when none is named', async () => {
    const { last } = await start()
    expect(Object.keys(parameters(last().url))).not.toContain('cmd')
  })

  it('hands bytes on both ways', async () => {
    const { last, output, socket } = await start()
    last().opens()
    last().sends({ type: 'started', exec: 'e1', resumed: false })
    last().sendsBytes(new TextEncoder().encode('prompt# '))
    expect(output).toEqual(['prompt# '])
    socket.type('exit\r')
    expect(last().sent.at(-1)).toEqual(new TextEncoder().encode('exit\r'))
  })

  it('sends a large paste in pieces, whole and in order', async () => {
    const { last, socket } = await start()
    last().opens()
    const text = 'ü0123456789'.repeat(20_000)
    socket.type(text)
    const pieces = last().sent.filter((piece) => typeof piece !== 'string')
    expect(pieces.length).toBeGreaterThan(10)
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(16 * 1024)
    const bytes = new Uint8Array(await new Blob(pieces.map((piece) => Uint8Array.from(piece))).arrayBuffer())
    expect(new TextDecoder().decode(bytes)).toBe(text)
  })

  it('tells a new size once', async () => {
    const { last, socket } = await start()
    last().opens()
    socket.resize({ cols: 100, rows: 30 })
    socket.resize({ cols: 100, rows: 30 })
    expect(last().sent).toEqual(['{"type":"resize","cols":100,"rows":30}'])
  })

  it('returns to its program after a lost connection, and says that output comes again', async () => {
    const { last, replay, state, sessions } = await start()
    last().opens()
    last().sends({ type: 'started', exec: 'e1', resumed: false })
    expect(state()).toEqual({ phase: 'open', recorded: 'nothing' })
    last().closes(1006)
    expect(state()?.phase).toBe('reconnecting')
    await vi.advanceTimersByTimeAsync(500)
    expect(last().url.searchParams.get('session')).toBe('e1')
    last().opens()
    expect(replay).not.toHaveBeenCalled()
    last().sends({ type: 'started', exec: 'e1', resumed: true })
    expect(replay).toHaveBeenCalledOnce()
    expect(state()).toEqual({ phase: 'open', recorded: 'nothing' })
    expect(sessions).toEqual(['e1', 'e1'])
  })

  it('gives up after a minute without a connection', async () => {
    const { last, state, sessions, sockets } = await start()
    last().opens()
    last().sends({ type: 'started', exec: 'e1', resumed: false })
    last().closes(1006)
    for (let step = 0; step < 200 && state()?.phase !== 'lost'; step++) {
      await vi.advanceTimersByTimeAsync(1000)
      if (last().closed) continue
      last().closes(1006)
    }
    expect(state()?.phase).toBe('lost')
    expect(sessions.at(-1)).toBeNull()
    const tried = sockets.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(sockets).toHaveLength(tried)
  })

  it('keeps the exit code as the last word', async () => {
    const { last, state, sessions, sockets } = await start()
    last().opens()
    last().sends({ type: 'started', exec: 'e1', resumed: false })
    last().sends({ type: 'exit', code: 3 })
    last().closes(1000)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(state()).toEqual({ phase: 'exited', code: 3 })
    expect(sessions).toEqual(['e1', null])
    expect(sockets).toHaveLength(1)
  })

  it('says why a new program was refused', async () => {
    const { last, state, sockets } = await start()
    last().closes(1006)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(state()).toEqual({ phase: 'lost', reason: 'refused' })
    expect(sockets).toHaveLength(1)
  })

  it('says what the server said, and what a close code means where it said nothing', async () => {
    const said = await start()
    said.last().opens()
    said.last().sends({ type: 'error', code: 'not_running', message: 'The container does not run.' })
    said.last().closes(1000)
    expect(said.state()).toEqual({ phase: 'lost', reason: 'The container does not run.' })
    const silent = await start()
    silent.last().opens()
    silent.last().closes(4403)
    expect(silent.state()?.phase).toBe('lost')
    expect(silent.state()).toHaveProperty('reason', expect.stringContaining('permission'))
  })
})
