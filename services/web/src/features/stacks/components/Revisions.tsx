import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Ago } from '@/ui/Ago'
import { ErrorPanel, Skeleton } from '@/ui/States'
import { revisionsQuery, type Revision, type StackDetails } from '../api/stacks'

const ACTIONS: Record<Revision['action'], string> = { deploy: 'deployed', update: 'changed', adopt: 'adopted', rollback: 'rolled back' }

/** The files that a stack had, newest first. */
export function Revisions({ stack, shown }: { stack: StackDetails; shown: number }) {
  const { host, name } = stack
  const revisions = useQuery(revisionsQuery({ host, name }))
  return (
    <section className="dl-card" aria-label="Revisions">
      <h2 className="dl-section">Revisions</h2>
      {revisions.isPending && <Skeleton rows={3} />}
      {revisions.isError && revisions.data === undefined && <ErrorPanel what="The revisions could not be loaded" error={revisions.error} onRetry={() => void revisions.refetch()} />}
      <ol className="dl-list dl-revisions">
        {revisions.data?.map(({ revision, action, saved_at, saved_by, deployed_at }) => (
          <li key={revision} aria-current={revision === shown || undefined}>
            <Link to="/hosts/$host/stacks/$name/editor" params={{ host, name }} search={revision === stack.revision ? {} : { revision: String(revision) }}>
              Revision {revision}
            </Link>
            {revision === stack.deployed_revision ? <span className="dl-tag">deployed</span> : deployed_at == null && <span className="dl-tag">never came up</span>}
            <span className="dl-dim dl-ellipsis">
              {ACTIONS[action]} by {saved_by.name}
            </span>
            <span className="dl-faint">
              <Ago at={saved_at} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}
