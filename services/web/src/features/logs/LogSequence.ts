import type { ServerState } from '@/api/ws/condition'
import type { LogFrame } from './frames'
import { Joiner, type Chunk, type Line } from './Joiner'
import { Recent, Replay } from './Splice'

interface Gap {
  from: number
  to: number
  reason: string
  epoch: string
}

/** Who takes what a log's frames amount to. */
export interface LogSink {
  line: (line: Line, epoch: string) => void
  /** Lines that are not complete yet. */
  open: (lines: readonly Line[], epoch: string) => void
  gap: (missing: number | null, reason: string) => void
  mark: (text: string) => void
  /** Chunks are missing without an explanation: a new connection brings them. */
  askAgain: () => void
}

/** One container's log as frames bring it: checks the numbers, joins pieces to lines, knows where to resume. */
export class LogSequence {
  private readonly sink: LogSink
  private readonly joiner = new Joiner()
  private said: ServerState | null = null
  private epoch = ''
  /** The last chunk of the epoch that was seen, or that is known to be missing. */
  private seen: number | null = null
  /** A hole without a gap marker is asked for once; then it is shown. */
  private askedAgainAt: number | null = null
  /** Nobody is asked any more. */
  private isFinal = false
  private recent = new Recent()
  /** Under a new numbering the server begins anew; what was seen before must not be shown twice. */
  private replay: { epoch: string; held: Replay; gap: Gap } | null = null
  private stopMarked = false
  private problem: string | null = null

  constructor(sink: LogSink) {
    this.sink = sink
  }

  /** Where to go on from: `epoch:n`; null before the first chunk. */
  get position(): string | null {
    return this.seen === null ? null : `${this.epoch}:${this.seen}`
  }

  /** What the server said last about the stream, on this connection. */
  get server(): ServerState | null {
    return this.said
  }

  /** What the server said before it gave the stream up. */
  get failure(): string | null {
    return this.problem
  }

  /** Nothing is known of the stream until the server speaks again. */
  disconnect(): void {
    this.said = null
  }

  /** Nothing more comes: what was held back or is not complete is shown as it is. */
  finish(): void {
    this.isFinal = true
    this.goOn()
    this.flush()
    this.isFinal = false
  }

  receive(frame: LogFrame): void {
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
        this.problem = frame.message
        this.sink.mark(frame.message)
    }
  }

  private begin(epoch: string, next: number): void {
    this.said ??= { state: 'live', reason: '' }
    const renumbered = this.seen !== null && epoch !== this.epoch
    const gap = { from: 1, to: 0, reason: 'state_lost', epoch: this.epoch }
    this.replay = renumbered ? { epoch, held: new Replay(next), gap } : null
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
      this.joiner.push(chunk, (line) => this.sink.line(line, epoch))
    }
    this.sink.open(this.joiner.open(), epoch)
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
    if (!this.isFinal && this.askedAgainAt !== seen) {
      this.askedAgainAt = seen
      this.sink.askAgain()
      return false
    }
    this.flush()
    this.sink.gap(next - seen - 1, 'unexplained')
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
    this.sink.gap(numbered ? to - from + 1 - already : null, reason)
    if (numbered && (epoch === this.epoch || this.seen === null)) {
      this.epoch = epoch
      this.seen = Math.max(this.seen ?? 0, to)
    }
  }

  private condense(state: ServerState): void {
    this.goOn()
    if (state.state === 'ended' && !this.stopMarked) {
      this.flush()
      this.sink.mark(state.reason === '' ? 'The container stopped.' : `The container stopped: ${state.reason}`)
    } else if (state.state === 'live' && this.stopMarked) this.sink.mark('The container runs again.')
    if (state.state !== 'delayed') this.stopMarked = state.state === 'ended'
    this.said = state
  }

  private flush(): void {
    this.joiner.flush((line) => this.sink.line(line, this.epoch))
    this.sink.open([], this.epoch)
  }
}
