import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Schema } from '@/api/client'
import { useCan } from '@/features/auth'
import { networksQuery } from '@/features/networks'
import { shortId } from '@/format/names'

type Details = Schema<'ContainerDetails'>

const NOTHING = <span className="dl-faint">–</span>

/** The networks that a container is in. It knows their names only; their pages go by their IDs. */
export function NetworkLinks({ container: { host, networks } }: { container: Details }) {
  const can = useCan()('networks.read')
  const known = useQuery({ ...networksQuery, enabled: can && networks.length > 0 }).data?.items ?? []
  if (networks.length === 0) return NOTHING
  return networks.map(({ name, ip_address }) => {
    const id = known.find((network) => network.host === host && network.name === name)?.id
    return (
      <div key={name}>
        {id === undefined ? (
          name
        ) : (
          <Link to="/hosts/$host/networks/$id" params={{ host, id }}>
            {name}
          </Link>
        )}{' '}
        <span className="dl-faint dl-mono">{ip_address}</span>
      </div>
    )
  })
}

/** 64 digits are a name that the engine invented. */
const INVENTED = /^[0-9a-f]{64}$/

/** The volumes that a container has, and where it finds them. */
export function MountedVolumes({ container: { host, mounts } }: { container: Details }) {
  const volumes = mounts.flatMap(({ kind, name, destination }) => (kind === 'volume' && name != null ? [{ name, destination }] : []))
  if (volumes.length === 0) return NOTHING
  return volumes.map(({ name, destination }) => {
    const title = INVENTED.test(name) ? shortId(name) : name
    return (
      <div key={destination}>
        <Link to="/hosts/$host/volumes/$name" params={{ host, name }} title={name}>
          {title}
        </Link>{' '}
        <span className="dl-faint dl-mono">{destination}</span>
      </div>
    )
  })
}
