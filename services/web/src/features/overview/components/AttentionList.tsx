import { Link } from '@tanstack/react-router'
import { ScrollText } from 'lucide-react'
import { attention, ContainerActions, ContainerStatus, type Container } from '@/features/containers'

/** Containers that somebody should look at, and why. */
export function AttentionList({ containers }: { containers: readonly Container[] }) {
  return (
    <ul className="dl-list">
      {containers.map((container) => {
        const params = { host: container.host, id: container.id }
        return (
          <li key={`${container.host} ${container.id}`} className="dl-list-row">
            <div className="dl-list-status">
              <ContainerStatus container={container} />
            </div>
            <div className="dl-list-text">
              <Link to="/hosts/$host/containers/$id/overview" params={params} className="dl-strong" data-row>
                {container.name}
              </Link>
              <span className="dl-dim">{attention(container)}</span>
            </div>
            <Link
              to="/hosts/$host/containers/$id/logs"
              params={params}
              className="btn btn-ghost btn-sm"
              aria-label={`Logs of ${container.name}`}
            >
              <ScrollText size={14} aria-hidden /> Logs
            </Link>
            <ContainerActions container={container} place="row" />
          </li>
        )
      })}
    </ul>
  )
}
