import { Link } from '@tanstack/react-router'

interface UsedByProps {
  host: string
  containers: readonly { id: string; name: string; state: string }[]
}

/** The containers that use something: the first by name, the number of the others. */
export function UsedBy({ host, containers }: UsedByProps) {
  const [first, ...others] = containers
  if (first === undefined) return <span className="dl-faint">–</span>
  return (
    <span className="dl-ellipsis" title={containers.map(({ name }) => name).join(', ')}>
      <Link to="/hosts/$host/containers/$id/overview" params={{ host, id: first.id }}>
        {first.name}
      </Link>
      {others.length > 0 && <span className="dl-faint"> +{others.length}</span>}
    </span>
  )
}
