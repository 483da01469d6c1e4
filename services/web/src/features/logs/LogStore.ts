import { detectLevel, type Level } from './level'
import type { Line } from './Joiner'
import type { Place } from './Place'
import { lastRewrite, readable } from './text'

export interface LogLine {
  kind: 'line'
  /** Counted from the first line that this view received. */
  no: number
  n: number
  epoch: string
  stream: 1 | 2
  time: string
  text: string
  styled: string | null
  level: Level
  truncated: boolean
  /** Of the logs that are shown together the one that it belongs to. */
  place: Place | null
}

/** Lines that nobody can have any more. */
export interface GapRow {
  kind: 'gap'
  /** Null when what is missing never had numbers. */
  missing: number | null
  reason: string
  place: Place | null
}

/** Something that happened to the container between two lines. */
export interface MarkRow {
  kind: 'mark'
  text: string
  place: Place | null
}

export type LogRow = LogLine | GapRow | MarkRow

/** Rows by their absolute number; `first` grows when old rows leave, and no row ever moves. */
export interface RowSource {
  readonly first: number
  readonly end: number
  at: (index: number) => LogRow | undefined
  /** Where the search matched: start, end, start, end … */
  highlights: (index: number) => readonly number[]
  subscribe: (listener: () => void) => () => void
  version: () => number
}

const NO_HIGHLIGHTS: readonly number[] = []

/**
 * The lines that this page holds, of one log or of several: a ring outside React, which tells its viewers
 * once per frame of the screen however many lines came.
 */
export class LogStore implements RowSource {
  first = 0
  end = 0
  private readonly rows: LogRow[]
  private lines = 0
  private readonly openOf = new Map<string, readonly LogLine[]>()
  private openLines: readonly LogLine[] = []
  private revision = 0
  private scheduled = false
  private readonly listeners = new Set<() => void>()
  readonly capacity: number
  private readonly schedule: (task: () => void) => void

  constructor(capacity = 100_000, schedule: (task: () => void) => void = (task) => requestAnimationFrame(task)) {
    this.capacity = capacity
    this.schedule = schedule
    this.rows = []
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly version = (): number => this.revision

  at(index: number): LogRow | undefined {
    return index >= this.first && index < this.end ? this.rows[index % this.capacity] : undefined
  }

  highlights(): readonly number[] {
    return NO_HIGHLIGHTS
  }

  /** Lines that are not complete yet, below the last row. */
  get open(): readonly LogLine[] {
    return this.openLines
  }

  append(line: Line, epoch: string, place: Place | null = null): void {
    this.push(logLine(line, epoch, ++this.lines, place))
  }

  gap(missing: number | null, reason: string, place: Place | null = null): void {
    this.push({ kind: 'gap', missing, reason, place })
  }

  mark(text: string, place: Place | null = null): void {
    this.push({ kind: 'mark', text, place })
  }

  /** The lines of one log that are not complete yet. */
  setOpen(lines: readonly Line[], epoch: string, place: Place | null = null, log = ''): void {
    if (lines.length === 0 && !this.openOf.has(log)) return
    if (lines.length === 0) this.openOf.delete(log)
    else this.openOf.set(log, lines.map((line, index) => logLine(line, epoch, this.lines + 1 + index, place)))
    this.openLines = [...this.openOf.values()].flat()
    this.changed()
  }

  /** Forgets every row; the numbers go on. */
  clear(): void {
    this.first = this.end
    this.openOf.clear()
    this.openLines = []
    this.changed()
  }

  private push(row: LogRow): void {
    this.rows[this.end % this.capacity] = row
    this.end++
    if (this.end - this.first > this.capacity) this.first++
    this.changed()
  }

  private changed(): void {
    if (this.scheduled) return
    this.scheduled = true
    this.schedule(() => {
      this.scheduled = false
      this.revision++
      for (const listener of this.listeners) listener()
    })
  }
}

function logLine({ n, stream, time, raw, truncated }: Line, epoch: string, no: number, place: Place | null): LogLine {
  const { text, styled } = readable(lastRewrite(raw))
  return { kind: 'line', no, n, epoch, stream, time, text, styled, level: detectLevel(text), truncated, place }
}
