import { X, ZoomIn } from 'lucide-react'
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { plural } from '@/format/numbers'
import { clockMinute, day, duration, spanText } from '@/format/time'
import type { Bucket } from '../timeline'
import '../events.scss'

interface TimelineProps {
  buckets: readonly Bucket[]
  /** The part of the span that the list is confined to. */
  pick: { from: number; to: number } | null
  onPick: (bucket: { from: number; to: number } | null) => void
  /** Makes what was picked the whole span. */
  onZoom: () => void
  /** What the counts leave out. */
  note: ReactNode
}

const DAY_MS = 86_400_000
/** Marks below the bars, besides the one at the end. */
const MARKS = [0, 0.25, 0.5, 0.75]

/** How many events there were when; a bar confines the list to its time. */
export function Timeline({ buckets, pick, onPick, onZoom, note }: TimelineProps) {
  const list = useRef<HTMLDivElement>(null)
  const [pointed, setPointed] = useState<number | null>(null)
  const [focused, setFocused] = useState<number | null>(null)
  const highest = Math.max(1, ...buckets.map(({ count }) => count))
  const isPicked = (bucket: Bucket): boolean => pick !== null && bucket.from < pick.to && bucket.to > pick.from
  const picked = buckets.findIndex(isPicked)
  const place = buckets.findIndex(({ from }) => from === focused)
  // One stop for the Tab key: where the focus was, else what is picked, else the newest.
  const stop = place !== -1 ? place : picked !== -1 ? picked : buckets.length - 1
  const told = buckets.find(({ from }) => from === pointed)

  function go(to: number): void {
    const target = Math.min(buckets.length - 1, Math.max(0, to))
    list.current?.querySelectorAll<HTMLElement>('[role="option"]')[target]?.focus()
  }

  function choose(bucket: Bucket): void {
    onPick(pick?.from === bucket.from && pick.to === bucket.to ? null : { from: bucket.from, to: bucket.to })
  }

  function onKeyDown(event: KeyboardEvent, at: number): void {
    const bucket = buckets[at]
    if (bucket === undefined) return
    if (event.key === 'ArrowRight') go(at + 1)
    else if (event.key === 'ArrowLeft') go(at - 1)
    else if (event.key === 'Home') go(0)
    else if (event.key === 'End') go(buckets.length - 1)
    else if (event.key === 'Enter' || event.key === ' ') choose(bucket)
    else if (event.key === 'Escape') onPick(null)
    else return
    event.preventDefault()
  }

  return (
    <section className="dl-timeline" aria-label="Events over time">
      <div className="dl-timeline-head">
        <span>{told === undefined ? summary(buckets) : text(told)}</span>
        {note}
        {pick !== null && (
          <span className="dl-timeline-pick">
            <strong>{spanText(pick.from, pick.to)}</strong>
            <button type="button" className="btn btn-ghost btn-sm" onClick={onZoom}>
              <ZoomIn size={14} aria-hidden /> Zoom in
            </button>
            <button type="button" className="btn btn-ghost btn-sm" onClick={() => onPick(null)}>
              <X size={14} aria-hidden /> Show all
            </button>
          </span>
        )}
      </div>
      <div
        ref={list}
        className="dl-timeline-bars"
        role="listbox"
        aria-orientation="horizontal"
        aria-label="Parts of the span; choose one to see its events only"
        onPointerLeave={() => setPointed(null)}
      >
        {buckets.map((bucket, at) => (
          <div
            key={bucket.from}
            role="option"
            className="dl-timeline-bar"
            tabIndex={at === stop ? 0 : -1}
            aria-selected={isPicked(bucket)}
            aria-label={text(bucket)}
            data-whole={bucket.whole}
            onClick={() => choose(bucket)}
            onKeyDown={(event) => onKeyDown(event, at)}
            onPointerEnter={() => setPointed(bucket.from)}
            onFocus={() => {
              setFocused(bucket.from)
              setPointed(bucket.from)
            }}
            onBlur={() => setPointed(null)}
          >
            {bucket.count > 0 && (
              <span style={{ height: `${(bucket.count / highest) * 100}%` }}>
                {bucket.troubles > 0 && <span className="dl-timeline-trouble" style={{ height: `${(bucket.troubles / bucket.count) * 100}%` }} />}
              </span>
            )}
          </div>
        ))}
      </div>
      <Axis buckets={buckets} />
    </section>
  )
}

function Axis({ buckets }: { buckets: readonly Bucket[] }) {
  const [first, last] = [buckets[0], buckets.at(-1)]
  if (first === undefined || last === undefined) return null
  const name = last.to - first.from > 2 * DAY_MS ? day : clockMinute
  const marks = MARKS.flatMap((part) => buckets[Math.floor(part * buckets.length)] ?? [])
  const shown = [...new Map(marks.map((bucket) => [bucket.from, bucket])).values()]
  return (
    <div className="dl-timeline-axis" aria-hidden>
      {shown.map((bucket) => (
        <span key={bucket.from} style={{ left: `${((bucket.from - first.from) / (last.to - first.from)) * 100}%` }}>
          {name(bucket.from)}
        </span>
      ))}
      <span className="dl-timeline-end">{name(last.to)}</span>
    </div>
  )
}

function summary(buckets: readonly Bucket[]): string {
  const width = (buckets[0]?.to ?? 0) - (buckets[0]?.from ?? 0)
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  const troubles = buckets.reduce((sum, bucket) => sum + bucket.troubles, 0)
  // Nothing is known, which is not the same as nothing.
  if (total === 0 && !buckets.some(({ whole }) => whole)) return 'Not counted so far'
  return `${plural(total, 'event')}${failures(troubles)} · a bar is ${duration(width)}`
}

function text(bucket: Bucket): string {
  const time = spanText(bucket.from, bucket.to)
  if (!bucket.whole && bucket.count === 0) return `${time}: not counted yet`
  return `${time}: ${bucket.whole ? '' : 'at least '}${plural(bucket.count, 'event')}${failures(bucket.troubles)}`
}

function failures(troubles: number): string {
  return troubles === 0 ? '' : `, ${plural(troubles, 'failure')}`
}
