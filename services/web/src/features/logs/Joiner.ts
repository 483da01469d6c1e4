import { decode, fromBase64 } from './text'

/** One message of the engine's log driver, as it comes over the wire. */
export interface Chunk {
  n: number
  s: number
  t: string
  d?: string
  b?: string
  p?: boolean
}

export interface Line {
  /** The number of its first chunk. */
  n: number
  stream: 1 | 2
  time: string
  raw: string
  /** It was longer than `MAX_LINE`, and its end was left out. */
  truncated: boolean
}

interface Pending {
  n: number
  time: string
  parts: (string | Uint8Array)[]
  size: number
  truncated: boolean
}

export const MAX_LINE = 1024 * 1024

/** Makes lines of chunks, each stream by itself: the engine cuts long lines, and mixes both streams. */
export class Joiner {
  private readonly pending: Record<1 | 2, Pending | null> = { 1: null, 2: null }

  push(chunk: Chunk, emit: (line: Line) => void): void {
    const stream = chunk.s === 2 ? 2 : 1
    const pending = this.pending[stream] ?? { n: chunk.n, time: chunk.t, parts: [], size: 0, truncated: false }
    add(pending, chunk.b === undefined ? (chunk.d ?? '') : fromBase64(chunk.b))
    if (chunk.p === true) {
      this.pending[stream] = pending
      return
    }
    this.pending[stream] = null
    finish(pending, stream, emit)
  }

  /** Gives up on the rest of unfinished lines, for example because it is missing. */
  flush(emit: (line: Line) => void): void {
    for (const stream of [1, 2] as const) {
      const pending = this.pending[stream]
      this.pending[stream] = null
      if (pending !== null) finish({ ...pending, truncated: true }, stream, emit)
    }
  }

  /** Lines that go on, as far as they are known: progress bars may never end theirs. */
  open(): Line[] {
    const lines: Line[] = []
    for (const stream of [1, 2] as const) {
      const pending = this.pending[stream]
      if (pending !== null) finish(pending, stream, (line) => lines.push(line))
    }
    return lines.slice(-2)
  }
}

function add(pending: Pending, part: string | Uint8Array): void {
  const room = MAX_LINE - pending.size
  if (part.length > room) pending.truncated = true
  if (room <= 0) return
  pending.parts.push(part.length > room ? part.slice(0, room) : part)
  pending.size += Math.min(part.length, room)
}

function finish({ n, time, parts, truncated }: Pending, stream: 1 | 2, emit: (line: Line) => void): void {
  const text = decode(parts).replace(/\r?\n$/, '')
  for (const raw of text.includes('\n') ? text.split('\n') : [text]) emit({ n, stream, time, raw, truncated })
}
