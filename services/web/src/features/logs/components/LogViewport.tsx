import { ArrowDown } from 'lucide-react'
import { useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore, type Ref } from 'react'
import { count, plural } from '@/format/numbers'
import type { LogLine, LogRow, RowSource } from '../LogStore'
import { singleRows, WrappedRows } from '../RowHeights'
import { useFollow } from '../useFollow'
import { useSize } from '../useSize'
import { LogRowView } from './LogRowView'

const ROW_PX = 20
const OVERSCAN = 10
const NO_MARKS: readonly number[] = []
/** Browsers limit an element's height; a reader who stays that long is moved to the rows that are left. */
const MAX_SCREEN_ROWS = 1_000_000

export interface LogViewportHandle {
  follow: (following: boolean) => void
  isFollowing: () => boolean
  /** Stops following and shows a row in the middle. */
  reveal: (index: number) => void
}

interface LogViewportProps {
  ref: Ref<LogViewportHandle>
  label: string
  source: RowSource
  open: readonly LogLine[]
  tail: number | null
  times: boolean
  wrap: boolean
  /** Whether each row says which log it is of. */
  named: boolean
  selected: LogLine | null
  onOpen: (line: LogLine) => void
  onFollow: (following: boolean) => void
}

/** Where the reader stays: the row at the top of the scrollable area, and how far the log had come. */
interface Anchor {
  base: number
  end: number
}

/**
 * The window onto the rows: only those in view are on the page. Rows have absolute places, so that
 * nothing moves under a reader however fast new ones come.
 */
export function LogViewport({ ref, label, source, open, tail, times, wrap, named, selected, onOpen, onFollow }: LogViewportProps) {
  useSyncExternalStore(source.subscribe, source.version)
  const scroller = useRef<HTMLDivElement>(null)
  const size = useSize(scroller)
  const [anchor, setAnchor] = useState<Anchor | null>(null)
  const [scrollTop, setScrollTop] = useState(0)
  const jumpTo = useRef<number | null>(null)

  const columns = wrap ? columnsOf(size.width, times, named) : 0
  const wrapped = useMemo(() => (wrap ? new WrappedRows(source, columns) : null), [wrap, source, columns])
  wrapped?.update()
  const heights = wrapped ?? singleRows

  const liveBase = Math.max(source.first, source.end - (tail ?? Infinity))
  const follow = useFollow((following) => {
    setScrollTop(scroller.current?.scrollTop ?? 0)
    setAnchor(following ? null : { base: liveBase, end: source.end })
    onFollow(following)
  })
  const base = anchor?.base ?? liveBase
  const rowsTotal = heights.between(base, source.end) + open.length
  const screenRows = Math.ceil(size.height / ROW_PX) + 1
  const overflows = rowsTotal * ROW_PX > size.height

  const top = Math.floor(scrollTop / ROW_PX)
  const wantedStart = anchor === null ? heights.find(base, Math.max(0, rowsTotal - screenRows - OVERSCAN)) : heights.find(base, Math.max(0, top - OVERSCAN))
  const start = Math.max(wantedStart, source.first, base)
  const end = anchor === null ? source.end : Math.min(source.end, heights.find(base, top + screenRows + OVERSCAN) + 1)

  useLayoutEffect(() => {
    if (follow.now.current && scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight
  })
  useLayoutEffect(() => {
    const element = scroller.current
    if (anchor === null || element === null || jumpTo.current === null) return
    element.scrollTop = heights.between(base, jumpTo.current) * ROW_PX - size.height / 2
    setScrollTop(element.scrollTop)
    jumpTo.current = null
  }, [anchor, base, heights, size.height])

  // The places of rows depend on the source and on their heights: a reader stays with the topmost row.
  const layout = useRef({ source, wrapped })
  useEffect(() => {
    const before = layout.current
    layout.current = { source, wrapped }
    if (follow.now.current || (before.source === source && before.wrapped === wrapped)) return
    if (before.source !== source) follow.set(true)
    else reveal(Math.min(source.end - 1, Math.max(source.first, (before.wrapped ?? singleRows).find(base, top + screenRows / 2))))
  })

  useEffect(() => {
    if (anchor !== null && rowsTotal > MAX_SCREEN_ROWS) reveal(source.first)
  })

  function reveal(index: number): void {
    jumpTo.current = index
    follow.set(false)
    setAnchor({ base: source.first, end: source.end })
  }

  useImperativeHandle(ref, () => ({ follow: follow.set, isFollowing: () => follow.now.current, reveal }))

  const fresh = anchor === null ? 0 : source.end - anchor.end
  const dropped = anchor === null ? 0 : Math.max(0, source.first - base)
  const nameOf = (row: LogRow) => (named ? (row.place?.name ?? '') : null)
  const rows = []
  for (let index = start; index < end; index++) {
    const row = source.at(index)
    if (row !== undefined) {
      const isSelected = selected !== null && row.kind === 'line' && row.no === selected.no
      rows.push(<LogRowView key={index} row={row} marks={source.highlights(index)} selected={isSelected} name={nameOf(row)} onOpen={onOpen} />)
    }
  }
  const atEnd = end >= source.end
  return (
    <div className="dl-log-frame">
      <div
        ref={scroller}
        className="dl-log"
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        data-wrap={wrap || undefined}
        data-times={times || undefined}
        data-named={named || undefined}
        data-following={anchor === null}
        onScroll={(event) => {
          if (anchor !== null) setScrollTop(event.currentTarget.scrollTop)
        }}
        {...follow.intents}
      >
        <div className="dl-log-space" style={{ height: rowsTotal * ROW_PX }}>
          {dropped > 0 && (
            <div className="dl-log-dropped" style={{ height: heights.between(base, source.first) * ROW_PX }}>
              <span>{plural(dropped, 'line')} dropped: newer ones took their place</span>
            </div>
          )}
          <div
            className="dl-log-rows"
            style={anchor === null && overflows ? { bottom: 0 } : { top: 0, transform: `translateY(${heights.between(base, start) * ROW_PX}px)` }}
          >
            {rows}
            {atEnd &&
              open.map((line, nth) => <LogRowView key={`open ${nth}`} row={line} marks={NO_MARKS} selected={false} name={nameOf(line)} onOpen={onOpen} />)}
          </div>
        </div>
      </div>
      {anchor !== null && (
        <button type="button" className="btn btn-primary dl-log-resume" onClick={() => follow.set(true)}>
          <ArrowDown size={14} aria-hidden />
          {fresh > 0 ? `${count(fresh)} new ${fresh === 1 ? 'line' : 'lines'}` : 'Jump to the newest'}
        </button>
      )}
    </div>
  )
}

/** Widths of the parts of a row, in pixels, as the style sheet has them. */
const CHARACTER_PX = 7.5
const NUMBER_PX = 66
const NARROW_NUMBER_PX = 48
const TIME_PX = 104
const PLACE_PX = 128
const NARROW_PLACE_PX = 76
const PADDING_PX = 16

function columnsOf(width: number, times: boolean, named: boolean): number {
  const narrow = matchMedia('(max-width: 767px)').matches
  const place = named ? (narrow ? NARROW_PLACE_PX : PLACE_PX) : 0
  const used = PADDING_PX + place + (narrow ? NARROW_NUMBER_PX : NUMBER_PX + (times ? TIME_PX : 0))
  return Math.max(20, Math.floor((width - used) / CHARACTER_PX))
}
