import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, Radio } from 'lucide-react'
import { attention, useContainers } from '@/features/containers'
import { useEvents } from '@/features/events'
import { hostsQuery } from '@/features/hosts'
import { plural } from '@/format/numbers'
import { Page } from '@/ui/Page'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { AttentionList } from '../components/AttentionList'
import { EventList } from '../components/EventList'
import { HostCard } from '../components/HostCard'
import { StateCounts } from '../components/StateCounts'
import '../overview.scss'

const EVERYTHING = {}
const EVENTS_SHOWN = 20

export default function OverviewPage() {
  const hosts = useQuery(hostsQuery)
  const containers = useContainers()
  const { events, history } = useEvents(EVERYTHING)
  const all = containers.data?.items ?? []
  const troubled = all.filter((container) => attention(container) !== null)

  return (
    <Page title="Overview">
      <div className="dl-overview">
        {containers.isError && containers.data === undefined ? (
          <ErrorPanel what="The containers could not be loaded" error={containers.error} onRetry={() => void containers.refetch()} />
        ) : (
          <StateCounts containers={containers.data?.items} />
        )}
        <div className="dl-overview-columns">
          <div className="dl-stack">
            <section aria-labelledby="hosts">
              <h2 id="hosts" className="dl-section">
                Hosts
                <Link to="/hosts" className="dl-section-link">
                  All hosts
                </Link>
              </h2>
              {hosts.isPending && <Skeleton rows={3} />}
              {hosts.isError && hosts.data === undefined && (
                <ErrorPanel what="The hosts could not be loaded" error={hosts.error} onRetry={() => void hosts.refetch()} />
              )}
              <div className="dl-hosts">
                {hosts.data?.items.map((host) => (
                  <HostCard key={host.id} host={host} containers={all.filter((container) => container.host === host.id)} />
                ))}
              </div>
            </section>
            <section aria-labelledby="attention">
              <h2 id="attention" className="dl-section">
                Needs attention
                {troubled.length > 0 && <span className="dl-count">{troubled.length}</span>}
              </h2>
              <div className="dl-panel">
                {containers.isPending && <Skeleton rows={3} />}
                {containers.data !== undefined && troubled.length === 0 && (
                  <Empty icon={<CircleCheck size={20} />}>
                    {all.length === 0 ? 'There are no containers yet.' : `All is well with ${plural(all.length, 'container')}.`}
                  </Empty>
                )}
                {troubled.length > 0 && <AttentionList containers={troubled} />}
              </div>
            </section>
          </div>
          <section aria-labelledby="recent">
            <h2 id="recent" className="dl-section">
              Recent events
              <Link to="/events" className="dl-section-link">
                All events
              </Link>
            </h2>
            <div className="dl-panel">
              {history.isPending && <Skeleton rows={8} />}
              {history.isError && events.length === 0 && (
                <ErrorPanel what="The events could not be loaded" error={history.error} onRetry={() => void history.refetch()} />
              )}
              {!history.isPending && !history.isError && events.length === 0 && (
                <Empty icon={<Radio size={20} />}>Nothing has happened yet. New events appear here by themselves.</Empty>
              )}
              <EventList events={events.slice(0, EVENTS_SHOWN)} />
            </div>
          </section>
        </div>
      </div>
    </Page>
  )
}
