import { containerGone } from '@/api/ws/containerGone'
import { condition, type Condition, type ServerState } from '@/api/ws/condition'
import type { Connection, LiveSocket } from '@/api/ws/LiveSocket'
import { liveSocket } from '@/api/ws/connect'
import { fromContainerKey, sharedStreams } from '@/api/ws/shared'
import { Joiner, type Chunk } from './Joiner'
import { logFrame } from './frames'
import { LogStore } from './LogStore'
import { Recent, Replay } from './Splice'

/** Lines that the server delivers at once to a new viewer. */
const FIRST_LINES = '1000'

interface Gap {
  from: number
  to: number
  reason: string
  epoch: string
}

/** One container's log: the socket, the position to resume from, and the lines received so far. */
export class LogStream {
  readonly store: LogStore
  private readonly joiner = new Joiner()
  private readonly socket: LiveSocket
  private readonly listeners = new Set<() => void>()
  private connection: Connection = { phase: 'connecting' }
  private server: ServerState | null = null
  private current: Condition = { phase: 'connecting' }
  private epoch = ''
  /** The last chunk of the epoch that was seen, or that is known to be missing. */
  private seen: number | null = null
  /** A hole without a gap marker is asked for once; then it is shown. */
  private askedAgainAt: number | null = null
  private recent = new Recent()
  /** Under a new numbering the server begins anew; what was seen before must not be shown twice. */
  private replay: { epoch: string; held: Replay; gap: Gap } | null = null
  private stopMarked = false
  /** What the server said before it gave the stream up. */
  private failure: string | null = null

  constructor({ host, id }: { host: string; id: string }, connect: typeof liveSocket = liveSocket, store = new LogStore()) {
    this.store = store
    this.socket = connect({
      path: `/ws/containers/${id}/logs`,
      query: () => ({ host, ...this.position() }),
      onFrame: (frame) => this.receive(frame),
      onConnection: (connection) => {
        this.connection = connection
        if (connection.phase !== 'open') this.server = null
        this.changed()
      },
      verify: () => containerGone(host, id),
    })
    this.socket.start()
  }

  stop(): void {
    this.socket.stop()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly condition = (): Condition => this.current

  private position(): Record<string, string> {
    return this.seen === null ? { tail: FIRST_LINES } : { from: `${this.epoch}:${this.seen}` }
  }

  private receive(data: unknown): void {
    const parsed = logFrame.safeParse(data)
    if (!parsed.success) return
    const frame = parsed.data
    switch (frame.type) {
      case 'start':
        this.begin(frame.epoch, frame.next)
        break
      case 'log':
        this.take(frame.epoch, frame.chunks)
        break
      case 'gap':
        this.miss(frame)
        break
      case 'state':
        this.condense({ state: frame.state, reason: frame.reason })
        break
      case 'error':
        this.failure = frame.message
        this.store.mark(frame.message)
    }
  }

  private begin(epoch: string, next: number): void {
    this.server ??= { state: 'live', reason: '' }
    const renumbered = this.seen !== null && epoch !== this.epoch
    const gap = { from: 1, to: 0, reason: 'state_lost', epoch: this.epoch }
    this.replay = renumbered ? { epoch, held: new Replay(next), gap } : null
    this.changed()
  }

  private take(epoch: string, chunks: readonly Chunk[]): void {
    if (this.replay?.epoch !== epoch) this.add(epoch, chunks)
    else if (this.replay.held.add(chunks)) this.goOn()
  }

  /** Shows what the server sent again from where the log had come to; if that is not there, all of it. */
  private goOn(): void {
    if (this.replay === null) return
    const { epoch, held, gap } = this.replay
    this.replay = null
    const from = this.recent.continuationIn(held.chunks)
    if (from === null) this.miss(gap)
    else {
      this.epoch = epoch
      this.seen = held.chunks[from - 1]?.n ?? null
    }
    this.add(epoch, held.chunks.slice(from ?? 0))
  }

  private add(epoch: string, chunks: readonly Chunk[]): void {
    if (epoch !== this.epoch) this.enter(epoch)
    for (const chunk of chunks) {
      if (this.seen !== null && chunk.n <= this.seen) continue
      if (this.seen !== null && chunk.n > this.seen + 1 && !this.explainHole(chunk.n)) return
      this.seen = chunk.n
      this.recent.push(chunk)
      this.joiner.push(chunk, (line) => this.store.append(line, epoch))
    }
    this.store.setOpen(this.joiner.open(), epoch)
  }

  private enter(epoch: string): void {
    this.flush()
    this.recent = new Recent()
    this.epoch = epoch
    this.seen = null
  }

  /** False when the missing chunks are being asked for again. */
  private explainHole(next: number): boolean {
    const seen = this.seen ?? 0
    if (this.askedAgainAt !== seen) {
      this.askedAgainAt = seen
      this.socket.restart()
      return false
    }
    this.flush()
    this.store.gap(next - seen - 1, 'unexplained')
    return true
  }

  private miss(gap: Gap): void {
    const { from, to, reason, epoch } = gap
    const numbered = to >= from
    if (this.replay !== null && epoch === this.epoch) {
      // What is lost with the old numbering may be in what comes under the new one.
      this.replay.gap = gap
      return
    }
    this.goOn()
    if (epoch === this.epoch && numbered && this.seen !== null && to <= this.seen) return
    this.flush()
    const already = epoch === this.epoch && this.seen !== null ? Math.max(0, this.seen - from + 1) : 0
    this.store.gap(numbered ? to - from + 1 - already : null, reason)
    if (numbered && (epoch === this.epoch || this.seen === null)) {
      this.epoch = epoch
      this.seen = Math.max(this.seen ?? 0, to)
    }
  }

  private condense(state: ServerState): void {
    this.goOn()
    if (state.state === 'ended' && !this.stopMarked) {
      this.flush()
      this.store.mark(state.reason === '' ? 'The container stopped.' : `The container stopped: ${state.reason}`)
    } else if (state.state === 'live' && this.stopMarked) this.store.mark('The container runs again.')
    if (state.state !== 'delayed') this.stopMarked = state.state === 'ended'
    this.server = state
    this.changed()
  }

  private flush(): void {
    this.joiner.flush((line) => this.store.append(line, this.epoch))
    this.store.setOpen([], this.epoch)
  }

  private changed(): void {
    const gaveUp = this.connection.phase === 'ended' && this.failure !== null
    this.current = gaveUp ? { phase: 'lost', reason: this.failure ?? '' } : condition(this.connection, this.server)
    for (const listener of this.listeners) listener()
  }
}

/** Going to another tab and back keeps the lines and the position. */
const LINGER_MS = 20_000

export const logStreams = sharedStreams((key) => new LogStream(fromContainerKey(key)), LINGER_MS)
