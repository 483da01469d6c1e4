import { z } from 'zod'
import type { Closing } from './closing'
import { liveSocket } from './connect'
import type { LiveSocket } from './LiveSocket'

export type TerminalState =
  | { phase: 'connecting' }
  | { phase: 'open'; recorded: Recorded }
  | { phase: 'reconnecting'; at: number; reason: string }
  /** The program has ended. */
  | { phase: 'exited'; code: number }
  /** There is no way back to the program. */
  | { phase: 'lost'; reason: string }

/** What is kept of it, for those who may watch recordings. */
export type Recorded = 'nothing' | 'output' | 'output and input'

/** What runs in a terminal; what is empty is the container's own choice. */
export interface TerminalProgram {
  command: string[]
  user: string
  workdir: string
}

export interface TerminalSize {
  cols: number
  rows: number
}

export interface TerminalOptions {
  host: string
  container: string
  program: TerminalProgram
  size: TerminalSize
  /** A program that was started before, to which the terminal returns. */
  session: string | null
  onOutput: (bytes: Uint8Array) => void
  /** What was printed last is sent once more, from here on. */
  onReplay: () => void
  onState: (state: TerminalState) => void
  /** By what the program can be returned to; null once it is over. */
  onSession: (session: string | null) => void
  /** Finds out why a new program was refused, which browsers hide. */
  whyRefused: () => Promise<Closing | null>
}

const frame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    exec: z.string(),
    resumed: z.boolean().default(false),
    recorded: z.boolean().default(false),
    recorded_input: z.boolean().default(false),
  }),
  z.object({ type: z.literal('exit'), code: z.number() }),
  z.object({ type: z.literal('error'), message: z.string() }),
])

function recordedOf({ recorded, recorded_input }: { recorded: boolean; recorded_input: boolean }): Recorded {
  if (!recorded) return 'nothing'
  return recorded_input ? 'output and input' : 'output'
}

/** So long a program outlives its connection, if it is asked to. */
const SURVIVES_MS = 60_000
/** Pasted text is sent in pieces that the server takes. */
const PIECE = 16 * 1024

/**
 * A terminal's connection: bytes both ways. What was opened once goes on after a lost connection, for as long as the
 * program survives it.
 */
export class TerminalSocket {
  private readonly socket: LiveSocket
  private readonly options: TerminalOptions
  private readonly encoder = new TextEncoder()
  private session: string | null
  private size: TerminalSize
  private lostAt: number | null = null
  private failure: string | null = null
  private over = false

  constructor(options: TerminalOptions, connect: typeof liveSocket = liveSocket) {
    this.options = options
    this.session = options.session
    this.size = options.size
    this.socket = connect({
      path: `/ws/containers/${options.container}/exec`,
      query: () => this.query(),
      onFrame: (data) => this.receive(data),
      onBytes: options.onOutput,
      verify: () => (this.session === null ? options.whyRefused() : Promise.resolve(null)),
      onConnection: (connection) => {
        if (this.over) return
        switch (connection.phase) {
          case 'connecting':
            if (this.lostAt === null) options.onState({ phase: 'connecting' })
            break
          case 'open':
            break
          case 'reconnecting':
            this.wait(connection.at, connection.reason)
            break
          default:
            this.finish({ phase: 'lost', reason: this.failure ?? (connection.reason === '' ? 'The server closed the terminal.' : connection.reason) })
        }
      },
    })
    this.socket.start()
  }

  /** Ends the program as well: only a page that is left or loaded again keeps it. */
  stop(): void {
    this.over = true
    this.socket.stop()
  }

  type(text: string): void {
    this.write(this.encoder.encode(text))
  }

  write(bytes: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < bytes.length; at += PIECE) this.socket.send(bytes.subarray(at, at + PIECE))
  }

  resize(size: TerminalSize): void {
    if (size.cols === this.size.cols && size.rows === this.size.rows) return
    this.size = size
    this.socket.send(JSON.stringify({ type: 'resize', ...size }))
  }

  private query(): [string, string][] {
    const { host, program } = this.options
    const query: [string, string][] = [
      ['host', host],
      ['tty', 'true'],
      ['keep', 'true'],
      ['cols', String(this.size.cols)],
      ['rows', String(this.size.rows)],
    ]
    if (this.session !== null) return [...query, ['session', this.session]]
    for (const word of program.command) query.push(['cmd', word])
    if (program.user !== '') query.push(['user', program.user])
    if (program.workdir !== '') query.push(['workdir', program.workdir])
    return query
  }

  private receive(data: unknown): void {
    const parsed = frame.safeParse(data)
    if (!parsed.success || this.over) return
    switch (parsed.data.type) {
      case 'started':
        this.lostAt = null
        this.session = parsed.data.exec
        if (parsed.data.resumed) this.options.onReplay()
        this.options.onSession(this.session)
        this.options.onState({ phase: 'open', recorded: recordedOf(parsed.data) })
        // It may have changed while there was no connection.
        this.socket.send(JSON.stringify({ type: 'resize', ...this.size }))
        break
      case 'exit':
        this.finish({ phase: 'exited', code: parsed.data.code })
        break
      case 'error':
        this.failure = parsed.data.message
    }
  }

  private wait(at: number, reason: string): void {
    this.lostAt ??= Date.now()
    if (this.failure !== null) this.finish({ phase: 'lost', reason: this.failure })
    else if (this.session !== null && at - this.lostAt > SURVIVES_MS) {
      this.finish({ phase: 'lost', reason: 'There was no connection for a minute, and the program was ended.' })
    } else this.options.onState({ phase: 'reconnecting', at, reason })
  }

  private finish(state: TerminalState): void {
    this.stop()
    this.options.onSession(null)
    this.options.onState(state)
  }
}
