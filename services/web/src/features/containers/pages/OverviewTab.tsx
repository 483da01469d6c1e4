import { Link } from '@tanstack/react-router'
import { EventTable, useEvents } from '@/features/events'
import { StatCards } from '@/features/stats'
import { useMemo } from 'react'
import { bytes, plural } from '@/format/numbers'
import { shortId } from '@/format/names'
import { duration } from '@/format/time'
import { Ago } from '@/ui/Ago'
import { Banner } from '@/ui/Banner'
import { useNow } from '@/ui/clock'
import { Copy } from '@/ui/Copy'
import { StackLink } from '@/ui/StackLink'
import { Status } from '@/ui/Status'
import { Fact, Facts } from '@/ui/Facts'
import { MountedVolumes, NetworkLinks } from '../components/Belongings'
import { attention, portTexts } from '../model'
import { useContainer } from '../useContainer'

const EVENTS_SHOWN = 8

/** The state of one container at a glance. */
export default function OverviewTab() {
  const container = useContainer()
  const now = useNow()
  const trouble = attention(container)
  const running = container.state === 'running'
  const ports = portTexts(container)
  const health = container.health_check
  return (
    <div className="dl-scroll dl-padded dl-stack">
      {trouble !== null && (
        <Banner
          tone="amber"
          action={
            <Link to="/hosts/$host/containers/$id/logs" params={{ host: container.host, id: container.id }} search={{ lv: 'error,warn' }}>
              Show its errors
            </Link>
          }
        >
          {trouble} {container.oom_killed && 'The kernel ended it for lack of memory.'} {container.error ?? ''}
        </Banner>
      )}
      {running && <StatCards host={container.host} id={container.id} />}
      <div className="dl-columns">
        <Facts title="State">
          <dl className="dl-facts">
            <Fact name="State">{container.state}</Fact>
            {running && container.started_at != null && (
              <Fact name="Running for">{duration(now - Date.parse(container.started_at))}</Fact>
            )}
            {!running && container.finished_at != null && (
              <Fact name="Ended">
                <Ago at={container.finished_at} />
              </Fact>
            )}
            {container.exit_code != null && <Fact name="Exit code">{container.exit_code}</Fact>}
            <Fact name="Restarts">{plural(container.restart_count, 'restart')}</Fact>
            <Fact name="Restart policy">{policy(container.restart_policy)}</Fact>
            <Fact name="Created">
              <Ago at={container.created_at} />
            </Fact>
          </dl>
        </Facts>
        <Facts title="Identity">
          <dl className="dl-facts">
            <Fact name="ID" mono>
              {shortId(container.id)} <Copy text={container.id} label="Copy the ID" />
            </Fact>
            <Fact name="Image" mono>
              {container.image}
            </Fact>
            <Fact name="Stack">
              <StackLink host={container.host} stack={container.stack} />
            </Fact>
            <Fact name="Ports" mono>
              {ports.length === 0 ? null : ports.map((port) => <div key={port}>{port}</div>)}
            </Fact>
            <Fact name="Networks">
              <NetworkLinks container={container} />
            </Fact>
            <Fact name="Volumes">
              <MountedVolumes container={container} />
            </Fact>
            <Fact name="Limits">{limits(container.memory_limit, container.cpu_limit)}</Fact>
          </dl>
        </Facts>
        {health != null && (
          <Facts
            title="Health"
            extra={
              <Status tone={health.status === 'healthy' ? 'green' : health.status === 'unhealthy' ? 'red' : 'blue'}>{health.status}</Status>
            }
          >
            <p className="dl-dim">
              {health.failing_streak === 0 ? 'The last check passed.' : `${plural(health.failing_streak, 'check')} in a row failed.`}
            </p>
            {health.last_output != null && health.last_output.trim() !== '' && <pre className="dl-output">{health.last_output.trim()}</pre>}
          </Facts>
        )}
      </div>
      <RecentEvents id={container.id} />
    </div>
  )
}

function RecentEvents({ id }: { id: string }) {
  const filter = useMemo(() => ({ actor: id }), [id])
  const { events } = useEvents(filter)
  if (events.length === 0) return null
  return (
    <section aria-labelledby="recent">
      <h2 id="recent" className="dl-section">
        Recent events
      </h2>
      <div className="dl-panel">
        <EventTable events={events.slice(0, EVENTS_SHOWN)} of="container" />
      </div>
    </section>
  )
}

function policy({ name, maximum_retry_count }: { name: string; maximum_retry_count: number }): string {
  return maximum_retry_count > 0 ? `${name}, at most ${maximum_retry_count} times` : name
}

function limits(memory: number | null | undefined, cpus: number | null | undefined): string {
  const parts = [memory == null ? '' : `${bytes(memory)} memory`, cpus == null ? '' : plural(cpus, 'CPU')]
  return parts.filter((part) => part !== '').join(', ') || 'none'
}
