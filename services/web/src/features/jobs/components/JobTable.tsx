import { ChevronRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import { dateTime, duration } from '@/format/time'
import { Ago } from '@/ui/Ago'
import { Status } from '@/ui/Status'
import type { Job } from '../api/jobs'
import { iconOf } from '../kinds'
import { isOver, titleOf, TONES, WORDS } from '../model'
import { useJob } from '../useJob'
import { JobActions } from './JobActions'
import { JobBar, JobOutput, JobSteps } from './JobProgress'
import '../jobs.scss'

/** Background jobs, newest first; each can be opened. */
export function JobTable({ jobs }: { jobs: readonly Job[] }) {
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
      <td className="dl-card-title dl-strong" title={titleOf(job)}>
        <div className="dl-name">
          {iconOf(job.kind)}
          <span className="dl-ellipsis">{titleOf(job)}</span>
          {job.schedule != null && (
            <span className="dl-tag" title="A schedule asked for it">
              scheduled
            </span>
          )}
        </div>
      </td>
      <td className="dl-dim dl-ellipsis" data-label="Host">
        {job.host ?? '–'}
      </td>
      <td className="dl-job-cell">
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
            <JobSteps job={job} />
            <JobOutput job={job} />
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
