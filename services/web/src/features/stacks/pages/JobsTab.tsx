import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ListChecks } from 'lucide-react'
import { jobsQuery, JobTable } from '@/features/jobs'
import { LoadMore } from '@/ui/LoadMore'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'

const route = getRouteApi('/_app/hosts/$host/stacks/$name')

/** What was done with a stack, and what is being done. */
export default function JobsTab() {
  const { host, name } = route.useParams()
  const query = useInfiniteQuery(jobsQuery({ host }))
  const read = query.data?.pages.flatMap(({ items }) => items)
  const jobs = read?.filter(({ kind, subject }) => kind.startsWith('stack.') && subject === name) ?? []
  return (
    <div className="dl-scroll">
      {query.isPending && <Skeleton rows={6} />}
      {query.isError && read === undefined && <ErrorPanel what="The jobs could not be loaded" error={query.error} onRetry={() => void query.refetch()} />}
      {read !== undefined && jobs.length === 0 && !query.hasNextPage && <Empty icon={<ListChecks size={20} />}>There are no jobs of this stack.</Empty>}
      {jobs.length > 0 && <JobTable jobs={jobs} />}
      <LoadMore query={query} shown={read?.length ?? 0} />
    </div>
  )
}
