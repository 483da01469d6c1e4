import type { LogRow, RowSource } from './LogStore'

/** Longer lines are cut on the page; the drawer shows them whole. */
export const SHOWN_CHARACTERS = 4096

/** How many rows of the screen a log row takes, and where it begins, without measuring anything. */
export interface RowHeights {
  /** Screen rows from the beginning of row `from` to the beginning of row `to`. */
  between: (from: number, to: number) => number
  /** The row that covers the screen row `offset` below the beginning of row `from`. */
  find: (from: number, offset: number) => number
}

export const singleRows: RowHeights = {
  between: (from, to) => to - from,
  find: (from, offset) => from + Math.floor(offset),
}

/**
 * Heights of wrapped rows. With a fixed-width font they follow from the number of characters; sums
 * from the beginning never change when old rows leave, so that new rows only add to them.
 */
export class WrappedRows implements RowHeights {
  private readonly columns: number
  private readonly source: RowSource
  /** Screen rows before each row, from `from` on. */
  private readonly sums: number[] = [0]
  private from: number

  constructor(source: RowSource, columns: number) {
    this.source = source
    this.columns = Math.max(1, columns)
    this.from = source.first
    this.update()
  }

  /** Takes in the rows that came since the last time. */
  update(): void {
    for (let index = this.from + this.sums.length - 1; index < this.source.end; index++) {
      this.sums.push((this.sums.at(-1) ?? 0) + this.rowsOf(this.source.at(index)))
    }
    const gone = this.source.first - this.from
    if (gone > 50_000 && gone > this.sums.length / 2) {
      this.sums.splice(0, gone)
      this.from += gone
    }
  }

  between(from: number, to: number): number {
    return this.before(to) - this.before(from)
  }

  find(from: number, offset: number): number {
    const wanted = this.before(from) + offset
    let low = 0
    let high = this.sums.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.sums[middle] ?? 0) <= wanted) low = middle
      else high = middle - 1
    }
    return this.from + low
  }

  /** Rows that left long ago count as one each: only the space where they were is left of them. */
  private before(index: number): number {
    const place = index - this.from
    return place < 0 ? (this.sums[0] ?? 0) + place : (this.sums[place] ?? this.sums.at(-1) ?? 0)
  }

  private rowsOf(row: LogRow | undefined): number {
    if (row?.kind !== 'line') return 1
    return Math.max(1, Math.ceil(Math.min(width(row.text), SHOWN_CHARACTERS) / this.columns))
  }
}

const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\ud83c-\ud83e][\udc00-\udfff]/g
const NARROW_ONLY = /^[\u0020-\u007e]*$/

/** Columns that a text takes; East Asian characters take two, a tab goes to the next eighth. */
function width(text: string): number {
  if (NARROW_ONLY.test(text)) return text.length
  let columns = text.length
  for (const match of text.matchAll(WIDE)) columns += 2 - match[0].length
  let at = text.indexOf('\t')
  for (; at !== -1; at = text.indexOf('\t', at + 1)) columns += 7
  return columns
}
