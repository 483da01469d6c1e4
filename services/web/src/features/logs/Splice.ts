import type { Chunk } from './Joiner'

/** So many chunks before a place must agree; chunks of one long line may all look the same. */
const CONTEXT = 16

/** The latest chunks of a log, by which its continuation is recognized under another numbering. */
export class Recent {
  private readonly chunks: Chunk[] = []

  push(chunk: Chunk): void {
    this.chunks.push(chunk)
    if (this.chunks.length > 2 * CONTEXT) this.chunks.splice(0, CONTEXT)
  }

  /**
   * Where the log goes on in `replay`: the place behind the last chunk that was seen. Null when it is
   * not there, or when there are several such places: then a gap has to be shown.
   */
  continuationIn(replay: readonly Chunk[]): number | null {
    const places = replay.flatMap((_, index) => (this.endsAt(replay, index) ? [index + 1] : []))
    return places.length === 1 ? (places[0] ?? null) : null
  }

  private endsAt(replay: readonly Chunk[], index: number): boolean {
    const compared = Math.min(CONTEXT, this.chunks.length, index + 1)
    for (let back = 0; back < compared; back++) {
      if (!same(replay[index - back], this.chunks.at(-1 - back))) return false
    }
    return compared > 0
  }
}

/** The engine stamps every message with nanoseconds. */
function same(one: Chunk | undefined, other: Chunk | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.t === other.t &&
    one.s === other.s &&
    one.d === other.d &&
    one.b === other.b &&
    (one.p ?? false) === (other.p ?? false)
  )
}

/** What the server sends again under a new numbering, held back until it is clear where the log goes on. */
export class Replay {
  readonly chunks: Chunk[] = []
  private readonly next: number

  /** `next` is the first number that was not there when the server began to send. */
  constructor(next: number) {
    this.next = next
  }

  /** True when everything that was there has come. */
  add(chunks: readonly Chunk[]): boolean {
    this.chunks.push(...chunks)
    return (chunks.at(-1)?.n ?? 0) >= this.next - 1
  }
}
