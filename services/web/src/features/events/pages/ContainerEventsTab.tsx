import { Radio } from 'lucide-react'
import { useMemo } from 'react'
import { useContainer } from '@/features/containers'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { EventTable } from '../components/EventTable'
import { LoadMore } from '@/ui/LoadMore'
import { useEvents } from '../useEvents'

/** What happened to one container. */
export default function ContainerEventsTab() {
  const { id } = useContainer()
  const filter = useMemo(() => ({ actor: id }), [id])
  const { events, history } = useEvents(filter, true)
  return (
    <div className="dl-scroll">
      {history.isPending && <Skeleton rows={8} />}
      {history.isError && events.length === 0 && (
        <ErrorPanel what="The events could not be loaded" error={history.error} onRetry={() => void history.refetch()} />
      )}
      {history.isSuccess && events.length === 0 && <Empty icon={<Radio size={20} />}>Nothing has happened to it since Dockline began to watch.</Empty>}
      {events.length > 0 && <EventTable events={events} of="container" />}
      <LoadMore query={history} />
    </div>
  )
}
