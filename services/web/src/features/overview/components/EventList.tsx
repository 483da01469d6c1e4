import { Link } from '@tanstack/react-router'
import { actionWord, actorName, eventTone, type EventRecord } from '@/features/events'
import { Ago } from '@/ui/Ago'
import { Status } from '@/ui/Status'

/** Events as short lines for a narrow column. */
export function EventList({ events }: { events: readonly EventRecord[] }) {
  return (
    <ul className="dl-list dl-event-list">
      {events.map((event) => (
        <li key={event.id} className="dl-list-row">
          <Status tone={eventTone(event)}>{actionWord(event)}</Status>
          <span className="dl-ellipsis dl-event-name">
            {event.kind === 'container' && event.action !== 'destroy' ? (
              <Link to="/hosts/$host/containers/$id/overview" params={{ host: event.host, id: event.actor.id }} className="dl-strong">
                {actorName(event)}
              </Link>
            ) : (
              <>
                {event.kind} <span className="dl-strong">{actorName(event)}</span>
              </>
            )}
          </span>
          <span className="dl-faint dl-nowrap">
            <Ago at={event.at} />
          </span>
        </li>
      ))}
    </ul>
  )
}
