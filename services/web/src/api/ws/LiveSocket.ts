import { ApiError, isTransient, messageOf } from '../errors'
import { backoff, closing, jitter, type Closing } from './closing'

export type Connection =
  | { phase: 'connecting' }
  | { phase: 'open' }
  | { phase: 'reconnecting'; at: number; reason: string }
  | { phase: 'ended'; reason: string }
  | { phase: 'lost'; reason: string }

export interface LiveSocketOptions {
  path: string
  /** Asked before every attempt, so that a stream can name the position it wants to go on from. */
  query: () => Record<string, string> | [string, string][]
  onFrame: (frame: unknown) => void
  /** What comes in binary frames. */
  onBytes?: (bytes: Uint8Array) => void
  onConnection: (connection: Connection) => void
  /** Asked when an attempt failed before it opened, since browsers hide the answer's status. */
  verify?: () => Promise<Closing | null>
}

/** The parts of the browser and of the API that a socket needs, so that tests can stand in for them. */
export interface LiveSocketParts {
  ticket: (path: string) => Promise<string>
  renew: () => Promise<boolean>
  open: (url: string) => WebSocket
  random: () => number
}

/** The server sends a heartbeat every 15 seconds; without any frame for this long the socket is dead. */
const SILENCE_MS = 40_000

/**
 * One live connection that survives lost networks, restarted servers and expired tokens. It lives
 * outside React: a component subscribes to what it feeds, and mounting twice opens nothing twice.
 */
export class LiveSocket {
  private socket: WebSocket | null = null
  private attempt = 0
  private generation = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private watchdog: ReturnType<typeof setTimeout> | undefined
  private running = false
  private readonly options: LiveSocketOptions
  private readonly parts: LiveSocketParts

  constructor(options: LiveSocketOptions, parts: LiveSocketParts) {
    this.options = options
    this.parts = parts
  }

  start(): void {
    if (this.running) return
    this.running = true
    window.addEventListener('online', this.hurry)
    document.addEventListener('visibilitychange', this.hurry)
    void this.connect()
  }

  stop(): void {
    this.running = false
    window.removeEventListener('online', this.hurry)
    document.removeEventListener('visibilitychange', this.hurry)
    this.abandon()
  }

  /** Drops the connection and makes a new one at once, for example because frames are missing. */
  restart(): void {
    if (!this.running) return
    this.abandon()
    void this.connect()
  }

  /** False when there is no open connection that could take it. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false
    this.socket.send(data)
    return true
  }

  private async connect(): Promise<void> {
    const generation = ++this.generation
    this.options.onConnection({ phase: 'connecting' })
    let ticket: string
    try {
      ticket = await this.parts.ticket(this.options.path)
    } catch (error) {
      if (generation === this.generation) this.follow(refusal(error))
      return
    }
    if (generation !== this.generation) return
    const query = new URLSearchParams(this.options.query())
    query.set('ticket', ticket)
    this.listen(this.parts.open(`${this.options.path}?${query}`), generation)
  }

  private listen(socket: WebSocket, generation: number): void {
    let opened = false
    this.socket = socket
    socket.binaryType = 'arraybuffer'
    this.watch()
    socket.onopen = () => {
      opened = true
      this.options.onConnection({ phase: 'open' })
    }
    socket.onmessage = (event: MessageEvent<unknown>) => {
      this.attempt = 0
      this.watch()
      if (event.data instanceof ArrayBuffer) {
        this.options.onBytes?.(new Uint8Array(event.data))
        return
      }
      const frame = parse(event.data)
      if (frame !== undefined) this.options.onFrame(frame)
    }
    socket.onclose = (event) => {
      if (generation !== this.generation) return
      this.abandon()
      if (opened || this.options.verify === undefined) this.follow(closing(event.code, event.reason))
      else void this.ask(closing(event.code, event.reason))
    }
  }

  private async ask(otherwise: Closing): Promise<void> {
    const generation = this.generation
    const verdict = await this.options.verify?.().catch(() => null)
    if (generation === this.generation && this.running) this.follow(verdict ?? otherwise)
  }

  private follow(what: Closing): void {
    switch (what.kind) {
      case 'ended':
        this.options.onConnection({ phase: 'ended', reason: what.reason })
        break
      case 'stopped':
        this.options.onConnection({ phase: 'lost', reason: what.reason })
        break
      case 'reauthenticate':
        void this.reauthenticate()
        break
      case 'retry':
        this.retry(this.delay(what.when), what.reason)
    }
  }

  private delay(when: 'jitter' | 'backoff' | number): number {
    if (when === 'jitter') return jitter(this.parts.random)
    return when === 'backoff' ? backoff(this.attempt++, this.parts.random) : when
  }

  private retry(delay: number, reason: string): void {
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.connect()
    }, delay)
    // At last: whoever hears of it may stop the socket.
    this.options.onConnection({ phase: 'reconnecting', at: Date.now() + delay, reason })
  }

  private async reauthenticate(): Promise<void> {
    const generation = this.generation
    try {
      const renewed = await this.parts.renew()
      if (generation !== this.generation) return
      if (renewed) this.retry(this.delay('backoff'), 'signing in again')
      else this.options.onConnection({ phase: 'lost', reason: 'Your session is over. Sign in again.' })
    } catch (error) {
      if (generation === this.generation) this.follow(refusal(error))
    }
  }

  /** The network is back, or the tab is looked at again: do not wait for the timer. */
  private readonly hurry = (): void => {
    if (this.timer === undefined || document.visibilityState === 'hidden') return
    clearTimeout(this.timer)
    this.timer = undefined
    void this.connect()
  }

  private watch(): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => {
      this.abandon()
      this.follow(closing(4408, ''))
    }, SILENCE_MS)
  }

  private abandon(): void {
    this.generation++
    clearTimeout(this.timer)
    clearTimeout(this.watchdog)
    this.timer = undefined
    const socket = this.socket
    this.socket = null
    if (socket === null) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }
}

function refusal(error: unknown): Closing {
  if (!(error instanceof ApiError)) return { kind: 'retry', when: 'backoff', reason: messageOf(error) }
  if (error.status === 429) return { kind: 'retry', when: (error.retryAfter ?? 5) * 1000, reason: error.message }
  if (error.status === 401) return { kind: 'stopped', reason: 'Your session is over. Sign in again.' }
  if (!isTransient(error)) return { kind: 'stopped', reason: error.message }
  return { kind: 'retry', when: 'backoff', reason: 'the server does not answer' }
}

function parse(data: unknown): unknown {
  if (typeof data !== 'string') return undefined
  try {
    return JSON.parse(data)
  } catch {
    return undefined
  }
}
