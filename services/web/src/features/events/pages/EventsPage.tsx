import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Pause, Play, Radio } from 'lucide-react'
import { useMemo, useState } from 'react'
import { condition } from '@/api/ws/condition'
import { hostsQuery } from '@/features/hosts'
import { plural } from '@/format/numbers'
import { ConnectionPill } from '@/ui/ConnectionPill'
import { LoadMore } from '@/ui/LoadMore'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { EventTable } from '../components/EventTable'
import type { EventRecord } from '../EventFeed'
import { EVENT_KINDS } from '../model'
import { useFeedConnection } from '../useEventFeed'
import { useEvents } from '../useEvents'

const route = getRouteApi('/_app/events')
const LIVE = { state: 'live', reason: '' } as const
const ACTIONS = ['create', 'start', 'die', 'stop', 'kill', 'restart', 'pause', 'unpause', 'rename', 'destroy', 'oom', 'pull', 'connect', 'disconnect', 'mount', 'unmount']

/** What happened at every host's engine: kept events and new ones in one list. */
export default function EventsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const hosts = useQuery(hostsQuery).data?.items ?? []
  const connection = useFeedConnection()
  const { host, kind, action, q } = search
  const filter = useMemo(() => ({ host, kind, action, q }), [host, kind, action, q])
  const { events, history } = useEvents(filter, search.exec === '1')
  const [paused, setPaused] = useState<readonly EventRecord[] | null>(null)
  const [pausedFor, setPausedFor] = useState(filter)
  // Another filter shows another list: what was held back belongs to the one before.
  if (pausedFor !== filter) {
    setPausedFor(filter)
    setPaused(null)
  }
  const shown = paused === null ? events : events.filter((event) => event.at <= (paused[0]?.at ?? ''))
  const waiting = events.length - shown.length

  function set(change: typeof search): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  return (
    <Page
      title="Events"
      status={<ConnectionPill condition={condition(connection, LIVE)} />}
      actions={
        <button type="button" className="btn btn-secondary" aria-pressed={paused !== null} onClick={() => setPaused(paused === null ? events : null)}>
          {paused === null ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
          {paused === null ? 'Pause' : waiting > 0 ? `Show ${plural(waiting, 'new event')}` : 'Resume'}
        </button>
      }
      fill
    >
      <div className="dl-toolbar">
        <Search label="Search events" placeholder="Name, ID, action" value={q ?? ''} debounceMs={250} onValue={(value) => set({ q: value })} />
        <Select
          label="Kind"
          value={kind ?? ''}
          options={[{ value: '', label: 'All kinds' }, ...EVENT_KINDS.map((value) => ({ value, label: value }))]}
          onValue={(value) => set({ kind: value })}
        />
        <Select
          label="Action"
          value={action ?? ''}
          options={[{ value: '', label: 'All actions' }, ...ACTIONS.map((value) => ({ value, label: value }))]}
          onValue={(value) => set({ action: value })}
        />
        {hosts.length > 1 && (
          <Select
            label="Host"
            value={host ?? ''}
            options={[{ value: '', label: 'All hosts' }, ...hosts.map(({ id }) => ({ value: id, label: id }))]}
            onValue={(value) => set({ host: value })}
          />
        )}
        <label className="form-check dl-toolbar-check">
          <input
            type="checkbox"
            className="form-check-input"
            checked={search.exec === '1'}
            onChange={(event) => set({ exec: event.target.checked ? '1' : undefined })}
          />
          Health checks
        </label>
      </div>
      <div className="dl-scroll">
        {history.isPending && <Skeleton rows={12} />}
        {history.isError && events.length === 0 && (
          <ErrorPanel what="The events could not be loaded" error={history.error} onRetry={() => void history.refetch()} />
        )}
        {history.isSuccess && shown.length === 0 && (
          <Empty icon={<Radio size={20} />}>{q !== undefined || kind !== undefined || action !== undefined ? 'No event matches.' : 'Nothing has happened yet.'}</Empty>
        )}
        {shown.length > 0 && <EventTable events={shown} />}
        <LoadMore query={history} />
      </div>
    </Page>
  )
}
