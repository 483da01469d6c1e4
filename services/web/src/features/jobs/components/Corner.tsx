import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { plural } from '@/format/numbers'
import { Status } from '@/ui/Status'
import { activeJobsQuery, jobQuery, type Job } from '../api/jobs'
import { iconOf } from '../kinds'
import { isOver, titleOf, TONES, WORDS } from '../model'
import { useJob } from '../useJob'
import { forgetJobs, useWatchedJobs } from '../watched'
import { JobActions } from './JobActions'
import { JobBar, JobOutput, JobSteps } from './JobProgress'
import '../jobs.scss'

/** The jobs that go on, and those that were begun here, until they were seen to end. */
export default function Corner() {
  const [folded, setFolded] = useState(false)
  const watched = useWatchedJobs()
  const active = useQuery(activeJobsQuery).data ?? []
  const others = watched.filter((id) => !active.some((job) => job.id === id))
  const known = useQueries({ queries: others.map((id) => ({ ...jobQuery(id), refetchInterval: 3000 })) })
  const jobs = [...active, ...known.flatMap(({ data }) => (data === undefined ? [] : [data]))]
  if (jobs.length === 0) return null
  const going = jobs.filter((job) => !isOver(job)).length
  return (
    <section className="dl-jobs" aria-label="Background jobs">
      <header>
        <Link to="/jobs" className="dl-strong">
          {going > 0 ? `${plural(going, 'job')} running` : plural(jobs.length, 'job')}
        </Link>
        <button
          type="button"
          className="btn btn-ghost btn-icon btn-sm"
          aria-expanded={!folded}
          aria-label={folded ? 'Show the jobs' : 'Fold the jobs'}
          onClick={() => setFolded(!folded)}
        >
          {folded ? <ChevronUp size={15} aria-hidden /> : <ChevronDown size={15} aria-hidden />}
        </button>
        {going === 0 && (
          <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label="Close the jobs" onClick={() => forgetJobs(watched)}>
            <X size={15} aria-hidden />
          </button>
        )}
      </header>
      {!folded && (
        <ul>
          {jobs.map((job, index) => (
            // A socket for the first only: an account may have so many.
            <li key={job.id} data-job={job.id}>
              {index === 0 ? <LiveJob job={job} /> : <JobLines job={job} />}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** What a job may have made another. */
const CHANGED = ['jobs', 'images', 'containers', 'stacks', 'volumes', 'networks', 'system', 'schedules', 'backups']

function LiveJob({ job }: { job: Job }) {
  const live = useJob(job)
  const queries = useQueryClient()
  const over = isOver(live)
  // What the job was about is another now.
  useEffect(() => {
    if (!over) return
    for (const key of CHANGED) void queries.invalidateQueries({ queryKey: [key] })
  }, [over, queries])
  return <JobLines job={live} />
}

function JobLines({ job }: { job: Job }) {
  return (
    <>
      <div className="dl-job-head">
        {iconOf(job.kind)}
        <span className="dl-strong dl-ellipsis" title={titleOf(job)}>
          {titleOf(job)}
        </span>
        <Status tone={TONES[job.state]} busy={!isOver(job)}>
          {WORDS[job.state]}
        </Status>
        <JobActions job={job} />
      </div>
      <JobBar job={job} />
      {!isOver(job) && (job.progress.output ? <JobOutput job={job} lines={6} /> : <JobSteps job={job} />)}
    </>
  )
}
