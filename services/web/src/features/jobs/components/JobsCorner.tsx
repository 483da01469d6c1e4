import { useQueries, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { useCan } from '@/features/auth'
import { plural } from '@/format/numbers'
import { Status } from '@/ui/Status'
import { activeJobsQuery, jobQuery, type Job } from '../api/jobs'
import { isOver, titleOf, TONES, WORDS } from '../model'
import { useJob } from '../useJob'
import { forgetJobs, useWatchedJobs } from '../watched'
import { JobActions } from './JobActions'
import { JobBar, JobSteps } from './JobProgress'
import '../jobs.scss'

/** The background jobs that go on, in the corner of every page, and how those ended that were begun here. */
export function JobsCorner() {
  const can = useCan()
  return can('images.read') ? <Corner /> : null
}

function Corner() {
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

function LiveJob({ job }: { job: Job }) {
  const live = useJob(job)
  const queries = useQueryClient()
  const over = isOver(live)
  // What the job was about is another now.
  useEffect(() => {
    if (!over) return
    for (const key of ['images', 'jobs', 'system']) void queries.invalidateQueries({ queryKey: [key] })
  }, [over, queries])
  return <JobLines job={live} />
}

function JobLines({ job }: { job: Job }) {
  return (
    <>
      <div className="dl-job-head">
        <span className="dl-strong dl-ellipsis" title={titleOf(job)}>
          {titleOf(job)}
        </span>
        <Status tone={TONES[job.state]} busy={!isOver(job)}>
          {WORDS[job.state]}
        </Status>
        <JobActions job={job} />
      </div>
      <JobBar job={job} />
      {!isOver(job) && <JobSteps steps={job.progress.steps} />}
    </>
  )
}
