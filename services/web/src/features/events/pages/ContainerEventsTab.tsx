import { Radio } from 'lucide-react'
import { useMemo, useRef } from 'react'
import { useContainer } from '@/features/containers'
import { LoadMore } from '@/ui/LoadMore'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { EventsEnd } from '../components/EventsEnd'
import { EventTable } from '../components/EventTable'
import { useEvents } from '../useEvents'

/** What happened to one container. */
export default function ContainerEventsTab() {
  const { id } = useContainer()
  const filter = useMemo(() => ({ actor: id }), [id])
  const { events, history } = useEvents(filter, { withExec: true })
  const scroller = useRef<HTMLDivElement>(null)
  return (
    <div className="dl-scroll" ref={scroller}>
      {history.isPending && <Skeleton rows={8} />}
      {history.isError && events.length === 0 && (
        <ErrorPanel what="The events could not be loaded" error={history.error} onRetry={() => void history.refetch()} />
      )}
      {history.isSuccess && events.length === 0 && <Empty icon={<Radio size={20} />}>No event of it is known.</Empty>}
      {events.length > 0 && <EventTable events={events} of="container" scroller={scroller} />}
      <LoadMore query={history} shown={events.length} />
      {history.isSuccess && !history.hasNextPage && <EventsEnd of="this container" />}
    </div>
  )
}
