import { Link } from '@tanstack/react-router'
import { Facts } from './Facts'

interface UsedByListProps {
  host: string
  containers: readonly { id: string; name: string; state: string }[]
}

/** Every container that uses something, as a card. */
export function UsedByList({ host, containers }: UsedByListProps) {
  return (
    <Facts title="Used by">
      {containers.length === 0 ? (
        <p className="dl-dim">No container uses it.</p>
      ) : (
        <dl className="dl-facts">
          {containers.map(({ id, name, state }) => (
            <div key={id}>
              <dt>{state}</dt>
              <dd>
                <Link to="/hosts/$host/containers/$id/overview" params={{ host, id }}>
                  {name}
                </Link>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Facts>
  )
}
