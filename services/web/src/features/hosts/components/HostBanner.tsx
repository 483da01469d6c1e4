import { Link } from '@tanstack/react-router'
import { Banner } from '@/ui/Banner'
import type { Host } from '../api/contract'
import { trouble } from '../model'

interface HostBannerProps {
  hosts: readonly Host[]
  /** The host that the list is confined to. */
  only?: string | undefined
  /** What the list is of: `containers`. */
  what: string
}

/** Names every host that does not answer; what the others have is shown all the same. */
export function HostBanner({ hosts, only, what }: HostBannerProps) {
  return hosts
    .filter((host) => host.state === 'offline' || (host.state === 'disabled' && host.id === only))
    .map((host) => (
      <Banner key={host.id} tone={host.state === 'offline' ? 'red' : 'amber'} action={<ShowHost host={host} />}>
        {host.state === 'offline' ? (
          <>
            The engine of host <strong>{host.id}</strong> does not answer; its {what} are not shown. {host.error == null ? '' : trouble(host)}
          </>
        ) : (
          <>
            Host <strong>{host.id}</strong> is disabled; its {what} are not shown.
          </>
        )}
      </Banner>
    ))
}

function ShowHost({ host }: { host: Host }) {
  return (
    <Link to="/hosts/$host" params={{ host: host.id }}>
      Show the host
    </Link>
  )
}
