import { z } from 'zod'

/** What a recording says of itself: asciicast, version 2. */
const header = z.object({ version: z.literal(2), width: z.number().int().positive(), height: z.number().int().positive() })
const event = z.tuple([z.number().nonnegative(), z.string(), z.string()])

export interface CastHeader {
  cols: number
  rows: number
}

export type CastEvent =
  /** Something was printed. */
  | { at: number; kind: 'output'; text: string }
  /** Something was typed. */
  | { at: number; kind: 'input'; text: string }
  | { at: number; kind: 'resize'; cols: number; rows: number }

/** Reads a recording piece by piece, as it comes; what it does not know is passed over. */
export class CastReader {
  readonly events: CastEvent[] = []
  private head: CastHeader | null = null
  private rest = ''

  /** Null until the first line was read. */
  get header(): CastHeader | null {
    return this.head
  }

  push(text: string): void {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop() ?? ''
    for (const line of lines) this.read(line)
  }

  /** The last line may lack its end, where a recording was broken off; half a line is left out. */
  end(): void {
    this.read(this.rest)
    this.rest = ''
  }

  private read(line: string): void {
    if (line.trim() === '') return
    const data = parsed(line)
    if (this.head === null) {
      const { success, data: first } = header.safeParse(data)
      if (!success) throw new Error('It is no recording in the format asciicast v2.')
      this.head = { cols: first.width, rows: first.height }
      return
    }
    const known = event.safeParse(data)
    const next = known.success ? eventOf(known.data) : null
    if (next !== null) this.events.push(next)
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function eventOf([at, kind, text]: z.infer<typeof event>): CastEvent | null {
  switch (kind) {
    case 'o':
      return { at, kind: 'output', text }
    case 'i':
      return { at, kind: 'input', text }
    case 'r': {
      const size = /^(\d+)x(\d+)$/.exec(text)
      return size === null ? null : { at, kind: 'resize', cols: Number(size[1]), rows: Number(size[2]) }
    }
    default:
      return null
  }
}

/** When each event is shown, in seconds, where nothing may happen for no longer than `pause` of them. */
export function timesOf(events: readonly CastEvent[], pause: number): number[] {
  let shown = 0
  let before = 0
  return events.map(({ at }) => {
    shown += Math.min(Math.max(0, at - before), pause)
    before = at
    return shown
  })
}

/** How many events there are up to a time; times ascend. */
export function reached(times: readonly number[], at: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Infinity) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** What was typed, as it can be read: `⏎` for the return key, `^C` for control characters. */
export function typedText(text: string): string {
  return [...text]
    .map((char) => {
      const code = char.codePointAt(0) ?? 0
      if (char === '\r' || char === '\n') return '⏎'
      if (code === 127) return '⌫'
      return code < 32 ? `^${String.fromCharCode(code + 64)}` : char
    })
    .join('')
}
