import { memo } from 'react'
import { count, plural } from '@/format/numbers'
import { clockMs, dateTime } from '@/format/time'
import type { LogLine, LogRow } from '../LogStore'
import { SHOWN_CHARACTERS } from '../RowHeights'
import { segments } from '../segments'

interface LogRowViewProps {
  row: LogRow
  marks: readonly number[]
  selected: boolean
  /** The name of the log that the row is of, where several are shown together. */
  name: string | null
  onOpen: (line: LogLine) => void
}

/** One row; drawn again only when it is another row. */
export const LogRowView = memo(function LogRowView({ row, marks, selected, name, onOpen }: LogRowViewProps) {
  if (row.kind !== 'line') {
    return (
      <div className={row.kind === 'gap' ? 'dl-log-note dl-log-gap' : 'dl-log-note'} data-hue={name === null ? undefined : row.place?.hue}>
        {name !== null && <span className="dl-log-place">{name}</span>}
        {row.kind === 'gap' ? gapText(row.missing, row.reason) : row.text}
      </div>
    )
  }
  return (
    <div className="dl-log-row" data-level={row.level} data-stream={row.stream} data-no={row.no} data-hue={name === null ? undefined : row.place?.hue} data-selected={selected || undefined}>
      <button
        type="button"
        className="dl-log-no"
        tabIndex={-1}
        aria-label={`Details of line ${row.no}`}
        onClick={() => onOpen(row)}
      >
        {row.no}
      </button>
      {name !== null && (
        <span className="dl-log-place" title={row.place === null ? name : `${row.place.name} on ${row.place.host}`}>
          {name}
        </span>
      )}
      <time className="dl-log-time" dateTime={row.time} title={dateTime(row.time)}>
        {clockMs(row.time)}
      </time>
      <span className="dl-log-text">
        <Text row={row} marks={marks} />
      </span>
    </div>
  )
})

function Text({ row, marks }: { row: LogLine; marks: readonly number[] }) {
  return (
    <>
      {segments(row.text, row.styled, marks).map((segment, nth) => {
        const style = { color: segment.color, backgroundColor: segment.background }
        return segment.marked ? (
          <mark key={nth} className={segment.className} style={style}>
            {segment.text}
          </mark>
        ) : segment.className === '' && segment.color === undefined && segment.background === undefined ? (
          segment.text
        ) : (
          <span key={nth} className={segment.className} style={style}>
            {segment.text}
          </span>
        )
      })}
      {row.text.length > SHOWN_CHARACTERS && (
        <span className="dl-log-more"> … {plural(row.text.length - SHOWN_CHARACTERS, 'more character')}</span>
      )}
      {row.truncated && <span className="dl-log-more"> … the rest of this line is missing</span>}
    </>
  )
}

const REASONS: Record<string, string> = {
  rotated: 'the engine had rotated its log',
  unwatched: 'written while nobody watched',
  slow_viewer: 'this viewer was too slow',
  engine_lost: 'lost by the engine',
  state_lost: 'the stream began anew',
  unexplained: 'lost on the way',
}

/** The engine numbers its messages; a very long line is several. */
function gapText(missing: number | null, reason: string): string {
  const why = REASONS[reason] ?? reason
  if (missing === null) return `Lines may be missing: ${why}`
  return `${count(missing)} ${missing === 1 ? 'line' : 'lines'} missing: ${why}`
}
