import { Link } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import type { Schema } from '@/api/client'
import type { Container } from '@/features/containers'
import { bytes } from '@/format/numbers'
import { Status } from '@/ui/Status'

interface HostCardProps {
  host: Schema<'HostStatus'>
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
        <h3 className="dl-ellipsis">{host.id}</h3>
        <Status tone={online ? 'green' : 'red'}>{online ? 'Online' : 'Offline'}</Status>
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
          <p className="dl-tone-red dl-tone-text">{host.error ?? 'The engine does not answer.'}</p>
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
