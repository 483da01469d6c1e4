import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useState, type RefObject } from 'react'
import { Ago } from '@/ui/Ago'
import { FactsRow } from '@/ui/FactsRow'
import { Status } from '@/ui/Status'
import { useWindowedRows } from '@/ui/windowed'
import type { EventRecord } from '../EventFeed'
import { actionWord, actorName, eventTone } from '../model'

interface EventTableProps {
  events: readonly EventRecord[]
  /** Leaves out what is the same in every row. */
  of?: 'everything' | 'container'
  /** What the table scrolls in: of a long one only what is in view is drawn. */
  scroller?: RefObject<HTMLElement | null>
}

/** Events, newest first; a row opens to show what the engine said about it. */
export function EventTable({ events, of = 'everything', scroller }: EventTableProps) {
  const [open, setOpen] = useState<string | null>(null)
  const all = of === 'everything'
  const { start, end, before, after, measure } = useWindowedRows(scroller, events.length, (index) => events[index]?.id ?? '')
  return (
    <table className="table dl-table dl-cards dl-cards-log" aria-label="Events" aria-rowcount={events.length + 1}>
      <thead>
        <tr>
          <th scope="col" className="dl-col-open">
            <span className="visually-hidden">Details</span>
          </th>
          <th scope="col" className="dl-col-time">
            Time
          </th>
          <th scope="col" className="dl-col-action">
            Action
          </th>
          {all && (
            <>
              <th scope="col" className="dl-col-kind">
                Kind
              </th>
              <th scope="col">Name</th>
              <th scope="col" className="dl-col-host">
                Host
              </th>
            </>
          )}
          <th scope="col">Details</th>
        </tr>
      </thead>
      {before > 0 && <Space height={before} />}
      {events.slice(start, end).map((event, nth) => (
        <tbody key={event.id} ref={measure} data-index={start + nth}>
          <tr data-event={event.id}>
            <td className="dl-area-open">
              <button
                type="button"
                className="btn btn-ghost btn-icon btn-sm dl-disclose"
                aria-expanded={open === event.id}
                aria-label={`Details of ${actionWord(event)} ${actorName(event)}`}
                onClick={() => {
                  setOpen(open === event.id ? null : event.id)
                }}
              >
                <ChevronRight size={14} aria-hidden />
              </button>
            </td>
            <td className="dl-area-time dl-dim">
              <Ago at={event.at} />
            </td>
            <td className={all ? 'dl-area-sub' : 'dl-area-title'}>
              <Status tone={eventTone(event)}>{actionWord(event)}</Status>
            </td>
            {all && (
              <>
                <td className="dl-area-none dl-dim">{event.kind}</td>
                <td className="dl-area-title dl-strong dl-ellipsis">
                  <Actor event={event} />
                </td>
                <td className="dl-area-side dl-dim">{event.host}</td>
              </>
            )}
            <td className="dl-area-rest dl-dim dl-ellipsis">{summary(event)}</td>
          </tr>
          {open === event.id && (
            <FactsRow span={all ? 7 : 4} facts={[['at', event.at], ['id', event.actor.id], ...Object.entries(event.attributes)]} />
          )}
        </tbody>
      ))}
      {after > 0 && <Space height={after} />}
    </table>
  )
}

/** Stands for rows that are not drawn. */
function Space({ height }: { height: number }) {
  return (
    <tbody aria-hidden>
      <tr className="dl-space" style={{ height }} />
    </tbody>
  )
}

/** What a container event happened to can be opened, unless it has just been removed. */
function Actor({ event }: { event: EventRecord }) {
  const name = actorName(event)
  if (event.kind !== 'container' || event.action === 'destroy') return name
  return (
    <Link to="/hosts/$host/containers/$id/overview" params={{ host: event.host, id: event.actor.id }} className="dl-strong" data-row>
      {name}
    </Link>
  )
}

/** Why events of a host may be missing. */
const REASONS: Record<string, string> = {
  engine_lost: 'The engine was out of reach, and did not tell all that happened meanwhile',
  outbox_full: 'More happened than could be kept',
  outbox_new: 'What happened before is not known',
}

function summary(event: EventRecord): string {
  const { exitCode, image, signal, execDuration, container, driver, reason } = event.attributes
  const parts = [
    exitCode === undefined ? '' : `exit code ${exitCode}`,
    signal === undefined ? '' : `signal ${signal}`,
    execDuration === undefined ? '' : `after ${execDuration} s`,
    image ?? '',
    event.kind !== 'container' && container !== undefined ? `container ${container.slice(0, 12)}` : '',
    driver === undefined ? '' : `driver ${driver}`,
    event.kind === 'host' && reason !== undefined ? (REASONS[reason] ?? reason) : '',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
