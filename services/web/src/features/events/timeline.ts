import type { EventRecord } from './EventFeed'
import { isTrouble } from './model'

/** A part of a span of time, and what happened in it. */
export interface Bucket {
  /** Milliseconds since 1970; what happened at `to` itself belongs to the next one. */
  from: number
  to: number
  count: number
  /** How many of them were failures. */
  troubles: number
  /** Whether everything of this time has been counted. */
  whole: boolean
}

/** More bars than this are too thin for a finger, and no easier to read. */
export const MOST_BUCKETS = 60

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const WIDTHS = [
  ...[1, 2, 5, 10, 15, 30].map((width) => width * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((width) => width * MINUTE),
  ...[1, 2, 3, 6, 12].map((width) => width * HOUR),
  ...[1, 2, 7, 14, 30].map((width) => width * DAY),
]

/** The shortest round width by which a span has no more buckets than can be shown. */
export function bucketWidth(spanMs: number): number {
  const longest = 30 * DAY
  return WIDTHS.find((width) => spanMs / width <= MOST_BUCKETS) ?? Math.ceil(spanMs / MOST_BUCKETS / longest) * longest
}

/** The beginning of the bucket that a moment is in: a round time of day where the reader is. */
export function bucketStart(at: number, width: number): number {
  const offset = new Date(at).getTimezoneOffset() * MINUTE
  return Math.floor((at - offset) / width) * width + offset
}

interface Counted {
  /** Where a bucket begins. */
  from: number
  to: number
  width: number
  /** What is older has not been read so far. */
  countedFrom: number
}

/** Events by the time at which they happened, over the whole of a span. */
export function timeline(events: readonly EventRecord[], { from, to, width, countedFrom }: Counted): Bucket[] {
  const buckets: Bucket[] = []
  for (let start = from; start < to; start += width) {
    buckets.push({ from: start, to: start + width, count: 0, troubles: 0, whole: start >= countedFrom })
  }
  for (const event of events) {
    const bucket = buckets[Math.floor((Date.parse(event.at) - from) / width)]
    if (bucket === undefined) continue
    bucket.count++
    if (isTrouble(event)) bucket.troubles++
  }
  return buckets
}
