import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Pause, Play, Radio } from 'lucide-react'
import { useMemo, useRef, useState } from 'react'
import { condition } from '@/api/ws/condition'
import { hostsQuery } from '@/features/hosts'
import { plural } from '@/format/numbers'
import { clockMinute, day } from '@/format/time'
import { Banner } from '@/ui/Banner'
import { useNow } from '@/ui/clock'
import { ConnectionPill } from '@/ui/ConnectionPill'
import { LoadMore } from '@/ui/LoadMore'
import { Page } from '@/ui/Page'
import { Empty, ErrorPanel, Skeleton, Spinner } from '@/ui/States'
import { EventFilters, type EventSearch } from '../components/EventFilters'
import { EventsEnd } from '../components/EventsEnd'
import { EventTable } from '../components/EventTable'
import { Timeline } from '../components/Timeline'
import { bounds, iso, pickOf, shownSpan, spanOf } from '../span'
import { timeline } from '../timeline'
import { useFeedConnection } from '../useEventFeed'
import { useEvents } from '../useEvents'
import { useHeld } from '../useHeld'

const route = getRouteApi('/_app/events')
const LIVE = { state: 'live', reason: '' } as const
/** As many are counted at a time. */
const COUNTED = 5000
/** Scrolled by less than a row, the newest are still what is looked at. */
const SCROLLED_PX = 24

/** What happened at every host's engine: kept events and new ones in one list. */
export default function EventsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const hosts = useQuery(hostsQuery).data?.items ?? []
  const connection = useFeedConnection()
  const now = useNow()
  // A span that ends now begins where it began when it was chosen: the list only grows.
  const [chosenAt, setChosenAt] = useState(now)
  const { host, kind, action, q, since, until, from, to } = search
  const [ahead, setAhead] = useState(COUNTED)
  const wanted = { withExec: search.exec === '1', ahead }

  const span = useMemo(() => spanOf({ since, until }, chosenAt), [since, until, chosenAt])
  const pick = useMemo(() => pickOf({ from, to }), [from, to])
  const words = useMemo(() => ({ host, kind, action, q }), [host, kind, action, q])
  const ofSpan = useMemo(() => ({ ...words, ...bounds(span) }), [words, span])
  const ofList = useMemo(() => (pick === null ? ofSpan : { ...words, ...bounds(pick) }), [words, ofSpan, pick])
  const counted = useEvents(ofSpan, wanted)
  const { events, history } = useEvents(ofList, wanted)

  const { shown, held, waiting, hold, release, onScroll } = useHeld(events, ofList)
  const scroller = useRef<HTMLDivElement>(null)

  function set(change: EventSearch, replace = true): void {
    if ('since' in change) setChosenAt(now)
    void navigate({ search: (before) => ({ ...before, ...change }), replace })
  }

  function goOn(): void {
    release()
    scroller.current?.scrollTo({ top: 0 })
  }

  const known = counted.history.data !== undefined
  const buckets = useMemo(() => {
    const countedFrom = !known ? Infinity : counted.oldest === undefined ? 0 : Date.parse(counted.oldest)
    return timeline(counted.events, { ...shownSpan(span, counted.events, chosenAt, now), countedFrom })
  }, [known, counted.events, counted.oldest, span, now, chosenAt])

  const filtered = [q, kind, action, host, pick ?? undefined, until].some((value) => value !== undefined)

  return (
    <Page
      title="Events"
      status={<ConnectionPill condition={condition(connection, LIVE)} />}
      actions={
        <button
          type="button"
          className="btn btn-secondary"
          aria-pressed={held === 'button'}
          title={held === 'scroll' ? 'New events wait while the list is scrolled' : undefined}
          onClick={held === null ? hold : goOn}
        >
          {held === null ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          {held === null ? 'Pause' : waiting > 0 ? `Show ${plural(waiting, 'new event')}` : 'Resume'}
        </button>
      }
      fill
    >
      <EventFilters search={search} span={span} hosts={hosts.map(({ id }) => id)} onChange={set} />
      <Timeline
        buckets={buckets}
        pick={pick}
        onPick={(part) => set(part === null ? { from: '', to: '' } : { from: iso(part.from), to: iso(part.to) })}
        onZoom={() => pick !== null && set({ since: iso(pick.from), until: iso(pick.to), from: '', to: '' }, false)}
        note={counted.oldest !== undefined && <Uncounted oldest={counted.oldest} busy={counted.history.isFetching} onMore={() => setAhead(ahead + COUNTED)} />}
      />
      {history.isError && events.length > 0 && (
        <Banner
          tone="red"
          action={
            <button type="button" className="btn btn-secondary btn-sm" onClick={() => void history.refetch()}>
              Retry
            </button>
          }
        >
          The kept events could not be loaded. What came live is shown.
        </Banner>
      )}
      <div className="dl-scroll" ref={scroller} onScroll={(event) => onScroll(event.currentTarget.scrollTop > SCROLLED_PX)}>
        {history.isPending && <Skeleton rows={12} />}
        {history.isError && events.length === 0 && (
          <ErrorPanel what="The events could not be loaded" error={history.error} onRetry={() => void history.refetch()} />
        )}
        {history.isSuccess && shown.length === 0 && (
          <Empty
            icon={<Radio size={20} />}
            action={
              filtered && (
                <button
                  type="button"
                  className="btn btn-secondary"
                  onClick={() => set({ q: '', kind: '', action: '', host: '', since: '', until: '', from: '', to: '' })}
                >
                  Clear the filters
                </button>
              )
            }
          >
            {filtered ? 'No event matches.' : 'Nothing happened in this time.'}
          </Empty>
        )}
        {shown.length > 0 && <EventTable events={shown} scroller={scroller} />}
        <LoadMore query={history} shown={shown.length} />
        {history.isSuccess && !history.hasNextPage && <EventsEnd of="this time" />}
      </div>
    </Page>
  )
}

interface UncountedProps {
  oldest: string
  busy: boolean
  onMore: () => void
}

/** That the timeline does not reach back over the whole span so far. */
function Uncounted({ oldest, busy, onMore }: UncountedProps) {
  if (busy) return <Spinner label="Counting" />
  const at = Date.parse(oldest)
  return (
    <>
      counted back to {day(at)}, {clockMinute(at)}
      <button type="button" className="btn btn-ghost btn-sm" onClick={onMore}>
        Count on
      </button>
    </>
  )
}
