import { LEVELS, type Level } from './level'
import type { FilterSpec } from './FilteredRows'

/** The log view's state as it stands in the address bar. */
export interface LogSearch {
  q?: string
  re?: string
  cs?: string
  inv?: string
  lv?: string
  st?: string
  tail?: string
  ts?: string
  wrap?: string
  line?: string
  /** Of several logs: those that are hidden, and how they are laid out. */
  hide?: string
  split?: string
}

/** The names of these parameters, for routes that show several logs. */
export const MERGED_SEARCH = ['q', 're', 'cs', 'inv', 'lv', 'st', 'tail', 'ts', 'wrap', 'line', 'hide', 'split'] as const

export interface LogOptions {
  q: string
  regex: boolean
  caseSensitive: boolean
  invert: boolean
  levels: readonly Level[] | null
  stream: 1 | 2 | null
  /** How many of the newest lines are shown; null for all that are held. Never asked of the server. */
  tail: number | null
  times: boolean
  wrap: boolean
  /** The line to show at first: `epoch:n`. */
  line: string | null
}

export const TAILS = ['100', '500', '1000', '5000', '10000', 'all'] as const
export const DEFAULT_TAIL = '1000'

export function logOptions(search: LogSearch): LogOptions {
  const levels = LEVELS.filter((level) => search.lv?.split(',').includes(level))
  const tail = TAILS.find((known) => known === search.tail) ?? DEFAULT_TAIL
  return {
    q: search.q ?? '',
    regex: search.re === '1',
    caseSensitive: search.cs === '1',
    invert: search.inv === '1',
    levels: levels.length === 0 || levels.length === LEVELS.length ? null : levels,
    stream: search.st === 'stdout' ? 1 : search.st === 'stderr' ? 2 : null,
    tail: tail === 'all' ? null : Number(tail),
    times: search.ts !== '0',
    wrap: search.wrap === '1',
    line: search.line ?? null,
  }
}

/** What has to be filtered; null when every row is shown. */
export function filterSpec({ q, regex, caseSensitive, invert, levels, stream }: LogOptions, places: readonly string[] | null = null): FilterSpec | null {
  if (q === '' && levels === null && stream === null && places === null) return null
  return { levels, stream, places, pattern: q === '' ? null : { q, regex, caseSensitive, invert } }
}

/** The `lv` parameter after one level was switched. */
export function toggledLevels(levels: readonly Level[] | null, level: Level): string {
  const before = levels ?? []
  const after = before.includes(level) ? before.filter((each) => each !== level) : [...before, level]
  return LEVELS.filter((each) => after.includes(each)).join(',')
}
