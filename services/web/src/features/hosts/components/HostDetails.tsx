import { Link } from '@tanstack/react-router'
import { attention, useContainers } from '@/features/containers'
import { DiskUsageCard } from '@/features/system'
import { bytes, count, milliseconds, plural } from '@/format/numbers'
import { Banner } from '@/ui/Banner'
import { Fact, Facts } from '@/ui/Facts'
import type { Host } from '../api/contract'
import { kindOf } from '../form/address'
import { conditionOf, KIND_WORDS, trouble } from '../model'
import { Labels } from './Labels'

/** All that is known of a host. */
export function HostDetails({ host }: { host: Host }) {
  const condition = conditionOf(host)
  const kind = kindOf(host)
  return (
    <div className="dl-scroll dl-padded dl-stack">
      {condition !== 'online' && <Banner tone={condition === 'offline' ? 'red' : 'amber'}>{trouble(host)}</Banner>}
      {kind === 'tcp' && (
        <Banner tone="amber">
          Plain TCP: nothing is encrypted, and whoever reaches its port controls the whole machine. Mutual TLS or SSH protect it.
        </Banner>
      )}
      <div className="dl-columns">
        <Facts title="Engine">
          {host.engine_version == null ? (
            <p className="dl-dim">Nothing is known of it until it answers.</p>
          ) : (
            <dl className="dl-facts">
              <Fact name="Version">Docker {host.engine_version}</Fact>
              <Fact name="API version">{host.api_version}</Fact>
              <Fact name="System">{host.operating_system}</Fact>
              <Fact name="CPUs">{host.cpus}</Fact>
              <Fact name="Memory">{host.memory_bytes == null ? null : bytes(host.memory_bytes)}</Fact>
              <Fact name="Images">{host.images == null ? null : count(host.images)}</Fact>
              <Fact name="Latency">{host.latency_ms == null ? null : milliseconds(host.latency_ms)}</Fact>
            </dl>
          )}
        </Facts>
        <Facts title="Connection">
          <dl className="dl-facts">
            <Fact name="Address" mono>
              {host.address}
            </Fact>
            <Fact name="Security">{KIND_WORDS[kind]}</Fact>
            <Fact name="Secrets">{kind === 'ssh' && host.security === 'none' ? 'Missing: edit the host to enter its keys' : SECRETS[host.security]}</Fact>
            <Fact name="Comes from">
              {host.origin === 'added' ? (
                'Added in Dockline'
              ) : (
                <>
                  This installation’s settings (<code>DOCKER_HOST</code>, in a cluster <code>DOCKLINE_HOSTS</code>). Its address is changed, and the host
                  removed, only there.
                </>
              )}
            </Fact>
          </dl>
        </Facts>
        <div className="dl-stack">
          <ContainersOf host={host} />
          {host.state === 'online' && <DiskUsageCard host={host.id} />}
          <Facts title="Labels">
            <Labels labels={host.labels} />
          </Facts>
        </div>
      </div>
    </div>
  )
}

const SECRETS: Record<Host['security'], string> = {
  none: 'None needed',
  tls: 'Certificates and key stored, not shown',
  ssh: 'Private key and host key stored, not shown',
}

function ContainersOf({ host }: { host: Host }) {
  const all = useContainers().data?.items
  // What an engine runs that does not answer is not known.
  const list = host.state === 'online' ? all?.filter((container) => container.host === host.id) : undefined
  const troubled = list?.filter((container) => attention(container) !== null).length ?? 0
  return (
    <Facts
      title="Containers"
      extra={
        <Link to="/containers" search={{ host: host.id }}>
          {list === undefined ? 'Show' : `Show ${plural(list.length, 'container')}`}
        </Link>
      }
    >
      <dl className="dl-facts">
        <Fact name="Running">{list?.filter(({ state }) => state === 'running').length}</Fact>
        <Fact name="Need attention">
          {troubled === 0 ? (
            list && 0
          ) : (
            <Link to="/containers" search={{ host: host.id, state: 'attention' }}>
              {troubled}
            </Link>
          )}
        </Fact>
        <Fact name="Events">
          <Link to="/events" search={{ host: host.id }}>
            What happened here
          </Link>
        </Fact>
      </dl>
    </Facts>
  )
}
