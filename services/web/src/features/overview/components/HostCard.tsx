import { Link } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import type { Container } from '@/features/containers'
import { HostState, trouble, type Host } from '@/features/hosts'
import { bytes } from '@/format/numbers'

interface HostCardProps {
  host: Host
  containers: readonly Container[]
}

/** One host: whether its engine answers, what it is, and how much runs there. */
export function HostCard({ host, containers }: HostCardProps) {
  const online = host.state === 'online'
  const running = containers.filter(({ state }) => state === 'running').length
  return (
    <article className="dl-card dl-host" data-host={host.id}>
      <header>
        <Server size={16} aria-hidden />
        <h3 className="dl-ellipsis">
          <Link to="/hosts/$host" params={{ host: host.id }} className="dl-strong">
            {host.id}
          </Link>
        </h3>
        <HostState host={host} />
      </header>
      {online ? (
        <>
          <p className="dl-dim dl-ellipsis" title={host.operating_system ?? undefined}>
            {host.operating_system ?? 'Unknown system'}
          </p>
          <dl className="dl-numbers">
            <Number label="CPUs" value={host.cpus?.toString()} />
            <Number label="Memory" value={host.memory_bytes == null ? undefined : bytes(host.memory_bytes)} />
            <Number label="Images" value={host.images?.toString()} />
            <Number label="Latency" value={host.latency_ms == null ? undefined : `${host.latency_ms} ms`} />
          </dl>
          <footer>
            <Link to="/containers" search={{ host: host.id }}>
              {running} of {containers.length} running
            </Link>
            <span className="dl-dim dl-mono" title={`API version ${host.api_version ?? 'unknown'}`}>
              Docker {host.engine_version ?? 'unknown'}
            </span>
          </footer>
        </>
      ) : (
        <>
          <p className={host.state === 'disabled' ? 'dl-dim' : 'dl-tone-red dl-tone-text'}>{trouble(host)}</p>
          <footer>
            <span className="dl-dim dl-mono dl-ellipsis">{host.address}</span>
          </footer>
        </>
      )}
    </article>
  )
}

function Number({ label, value }: { label: string; value: string | undefined }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value ?? '–'}</dd>
    </div>
  )
}
