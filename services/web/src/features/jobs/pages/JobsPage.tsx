import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ChevronRight, ListChecks, SearchX } from 'lucide-react'
import { Fragment, useMemo, useState } from 'react'
import { plural } from '@/format/numbers'
import { dateTime, duration } from '@/format/time'
import { Ago } from '@/ui/Ago'
import { LoadMore } from '@/ui/LoadMore'
import { Page } from '@/ui/Page'
import { Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { Status } from '@/ui/Status'
import { jobsQuery, type Job } from '../api/jobs'
import { JobActions } from '../components/JobActions'
import { JobBar, JobSteps } from '../components/JobProgress'
import { isOver, STATES, titleOf, TONES, WORDS } from '../model'
import { useJob } from '../useJob'
import '../jobs.scss'

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
            {filtered ? 'No job matches.' : 'There are no jobs yet. Pulling an image makes one.'}
          </Empty>
        )}
        {jobs.length > 0 && <JobTable jobs={jobs} />}
        <LoadMore query={query} shown={jobs.length} />
      </div>
    </Page>
  )
}

function JobTable({ jobs }: { jobs: readonly Job[] }) {
  const [opened, setOpened] = useState<string | null>(null)
  return (
    <table className="table dl-table dl-cards" aria-label="Jobs">
      <thead>
        <tr>
          <th scope="col" className="dl-col-open">
            <span className="visually-hidden">Details</span>
          </th>
          <th scope="col" className="dl-col-state">
            State
          </th>
          <th scope="col" className="dl-col-name">
            Job
          </th>
          <th scope="col" className="dl-col-host">
            Host
          </th>
          <th scope="col">Progress</th>
          <th scope="col" className="dl-col-user">
            Asked by
          </th>
          <th scope="col" className="dl-col-time">
            When
          </th>
          <th scope="col" className="dl-col-actions">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <Fragment key={job.id}>
            {opened === job.id ? (
              <OpenedRow job={job} onToggle={() => setOpened(null)} />
            ) : (
              <Row job={job} open={false} onToggle={() => setOpened(job.id)} />
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  )
}

interface RowProps {
  job: Job
  open: boolean
  onToggle: () => void
}

function Row({ job, open, onToggle }: RowProps) {
  return (
    <tr data-job={job.id}>
      <td className="dl-col-open">
        <button
          type="button"
          className="btn btn-ghost btn-icon btn-sm dl-disclose"
          aria-expanded={open}
          aria-label={`Details of ${titleOf(job)}`}
          data-row
          onClick={onToggle}
        >
          <ChevronRight size={15} aria-hidden />
        </button>
      </td>
      <td className="dl-col-state">
        <Status tone={TONES[job.state]} busy={!isOver(job)}>
          {WORDS[job.state]}
        </Status>
      </td>
      <td className="dl-card-title dl-strong dl-ellipsis" title={titleOf(job)}>
        {titleOf(job)}
      </td>
      <td className="dl-dim dl-ellipsis" data-label="Host">
        {job.host ?? '–'}
      </td>
      <td>
        <JobBar job={job} />
      </td>
      <td className="dl-dim dl-ellipsis" data-label="Asked by">
        {job.asked_by.name}
      </td>
      <td className="dl-dim" data-label="When">
        <Ago at={job.created_at} />
      </td>
      <td className="dl-col-actions">
        <JobActions job={job} />
      </td>
    </tr>
  )
}

function OpenedRow({ job: known, onToggle }: Omit<RowProps, 'open'>) {
  const job = useJob(known)
  const end = job.finished_at == null ? null : Date.parse(job.finished_at)
  return (
    <>
      <Row job={job} open onToggle={onToggle} />
      <tr className="dl-detail-row">
        <td colSpan={8}>
          <div className="dl-job-detail">
            <dl className="dl-facts dl-facts-dense">
              <Line name="ID" value={job.id} />
              <Line name="Asked for" value={dateTime(job.created_at)} />
              {job.started_at != null && <Line name="Begun" value={dateTime(job.started_at)} />}
              {end !== null && job.started_at != null && <Line name="Took" value={duration(end - Date.parse(job.started_at))} />}
              {job.attempt > 1 && <Line name="Attempts" value={`${job.attempt}: a worker ended over it`} />}
              {job.retry_of != null && <Line name="Repeats" value={job.retry_of} />}
              {job.error != null && <Line name="Error" value={job.error} />}
            </dl>
            <JobSteps steps={job.progress.steps} />
          </div>
        </td>
      </tr>
    </>
  )
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="dl-mono">{value}</dd>
    </div>
  )
}
