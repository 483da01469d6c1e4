import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ListChecks, SearchX } from 'lucide-react'
import { useMemo } from 'react'
import { plural } from '@/format/numbers'
import { LoadMore } from '@/ui/LoadMore'
import { Page } from '@/ui/Page'
import { Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { jobsQuery } from '../api/jobs'
import { JobTable } from '../components/JobTable'
import { KINDS } from '../kinds'
import { STATES, WORDS } from '../model'

const route = getRouteApi('/_app/jobs')

/** The background jobs, newest first. */
export default function JobsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(jobsQuery(search))
  const jobs = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data])
  const filtered = search.state !== undefined || search.host !== undefined || search.kind !== undefined
  const set = (change: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <Page title="Jobs" status={query.data && <span className="dl-dim">{plural(jobs.length, 'job')}{query.hasNextPage && ' shown'}</span>} fill>
      <div className="dl-toolbar">
        <Select
          label="State"
          value={search.state ?? ''}
          options={[{ value: '', label: 'All states' }, ...STATES.map((value) => ({ value, label: WORDS[value] }))]}
          onValue={(value) => set({ state: value })}
        />
        <Select
          label="Kind"
          value={search.kind ?? ''}
          options={[{ value: '', label: 'All kinds' }, ...Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))]}
          onValue={(value) => set({ kind: value })}
        />
        {filtered && (
          <button type="button" className="btn btn-ghost" onClick={() => set({ state: '', host: '', kind: '' })}>
            Clear the filters
          </button>
        )}
      </div>
      <div className="dl-scroll">
        {query.isPending && <Skeleton rows={8} />}
        {query.isError && query.data === undefined && <ErrorPanel what="The jobs could not be loaded" error={query.error} onRetry={() => void query.refetch()} />}
        {query.data !== undefined && jobs.length === 0 && (
          <Empty icon={filtered ? <SearchX size={20} /> : <ListChecks size={20} />}>
            {filtered ? 'No job matches.' : 'There are no jobs yet. Pulling an image or deploying a stack makes one.'}
          </Empty>
        )}
        {jobs.length > 0 && <JobTable jobs={jobs} />}
        <LoadMore query={query} shown={jobs.length} />
      </div>
    </Page>
  )
}
