import { beginOf } from '@/format/period'
import type { EventRecord } from './EventFeed'
import { bucketStart, bucketWidth } from './timeline'

/** A span of time in milliseconds since 1970; without an end it goes on, without a beginning it has all there is. */
export interface Span {
  from: number | undefined
  to: number | undefined
  /** Of its parts, where a beginning is known. */
  width: number | undefined
}

/** What the address says of time: the whole span, and the part of it that was picked. */
export interface SpanSearch {
  since?: string
  until?: string
  from?: string
  to?: string
}

export const USUAL_PERIOD = '24h'
export const ANY_TIME = 'all'

/** The span that is looked at. What is no time in an address counts as if it were not there. */
export function spanOf({ since, until }: SpanSearch, now: number): Span {
  const to = moment(until)
  if (since === ANY_TIME) return { from: undefined, to, width: undefined }
  const end = to ?? now
  const from = moment(beginOf(since, end)) ?? moment(beginOf(USUAL_PERIOD, end)) ?? end
  const begin = Math.min(from, end)
  const width = bucketWidth(end - begin)
  // The first part is whole.
  return { from: bucketStart(begin, width), to, width }
}

/** The ends to draw, of a span that was chosen at one time and is looked at at another. */
export function shownSpan(span: Span, events: readonly EventRecord[], chosenAt: number, now: number): { from: number; to: number; width: number } {
  // An engine's clock may run ahead of ours.
  const to = span.to ?? Math.max(now, (timeOf(events[0]) ?? 0) + 1)
  const begin = span.from === undefined ? (timeOf(events.at(-1)) ?? to) : span.to === undefined ? span.from + (now - chosenAt) : span.from
  const width = span.width ?? bucketWidth(to - begin)
  // Something is to be seen of an empty span, too.
  return { from: bucketStart(Math.min(begin, to - 1), width), to, width }
}

function timeOf(event: EventRecord | undefined): number | undefined {
  return moment(event?.at)
}

/** The part of the span that was picked in the timeline, if any. */
export function pickOf({ from, to }: SpanSearch): { from: number; to: number } | null {
  const [begin, end] = [moment(from), moment(to)]
  return begin === undefined || end === undefined || begin >= end ? null : { from: begin, to: end }
}

/**
 * The bounds as the API takes them, which has both ends included. To the nanosecond, since that is how finely engines
 * tell times apart, and as long as an event's own time, so that both can be compared as texts.
 */
export function bounds({ from, to }: { from?: number | undefined; to?: number | undefined }): { since?: string; until?: string } {
  return {
    ...(from === undefined ? {} : { since: iso(from).replace('Z', '000000Z') }),
    ...(to === undefined ? {} : { until: iso(to - 1).replace('Z', '999999Z') }),
  }
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function moment(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(text)
  return Number.isFinite(ms) ? ms : undefined
}
