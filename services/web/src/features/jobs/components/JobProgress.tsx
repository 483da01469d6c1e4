import { useEffect, useRef } from 'react'
import { bytes, count } from '@/format/numbers'
import { duration } from '@/format/time'
import { Progress } from '@/ui/Progress'
import { useSeconds } from '@/ui/clock'
import type { Job } from '../api/jobs'
import { isOver, isPassed, progressOf, remainingMs, shareOf, titleOf, type Step } from '../model'

/** How far a job is: a bar, what is going on, and how long it still takes. */
export function JobBar({ job }: { job: Job }) {
  const now = useSeconds()
  const left = remainingMs(job, now)
  const tone = job.state === 'failed' ? 'red' : job.state === 'succeeded' ? 'green' : job.state === 'cancelled' ? 'grey' : 'accent'
  const share = progressOf(job)
  return (
    <div className="dl-job-bar">
      <Progress label={titleOf(job)} value={isOver(job) ? (share ?? 1) : share} tone={tone} />
      <div className="dl-job-note">
        <span className="dl-ellipsis">{noteOf(job)}</span>
        {left !== null && <span>{duration(left)} left</span>}
      </div>
    </div>
  )
}

function noteOf(job: Job): string {
  if (job.error != null) return job.error
  if (job.cancel_requested && !isOver(job)) return 'Being called off'
  if (job.state === 'queued') return 'Waits for a worker'
  const sized = job.progress.steps.filter(({ unit, total }) => unit === 'bytes' && total != null)
  const sum = (of: (step: Step) => number) => sized.reduce((total, step) => total + of(step), 0)
  const amount = sized.length === 0 || isOver(job) ? '' : `${bytes(sum((step) => step.current ?? 0))} of ${bytes(sum((step) => step.total ?? 0))}`
  return [job.progress.message, amount].filter((text) => text !== '').join(' · ')
}

/** The parts of a job, as the layers of an image. */
export function JobSteps({ job }: { job: Job }) {
  const { steps } = job.progress
  if (steps.length === 0) return null
  const over = isOver(job)
  const failed = over && job.state !== 'succeeded'
  const passed = (index: number) => (over && !failed) || isPassed(job, index)
  return (
    <ul className={job.kind === 'image.build' ? 'dl-job-steps dl-job-steps-numbered' : 'dl-job-steps'} aria-label="Parts">
      {steps.map((step, index) => (
        <li key={step.id}>
          <span className="dl-mono dl-ellipsis" title={step.id}>
            {step.id.replace(/^Container /, '')}
          </span>
          <span className="dl-dim dl-ellipsis">{step.text}</span>
          <Progress label={step.id} value={passed(index) ? 1 : (shareOf(step) ?? (over ? 0 : null))} tone={failed ? 'grey' : 'accent'} />
          <span className="dl-dim dl-number">{amountOf(step)}</span>
        </li>
      ))}
    </ul>
  )
}

/** The end of what a program printed, followed while it grows. */
export function JobOutput({ job, lines }: { job: Job; lines?: number }) {
  const place = useRef<HTMLPreElement>(null)
  const output = job.progress.output ?? ''
  const text = lines === undefined ? output : output.trimEnd().split('\n').slice(-lines).join('\n')
  useEffect(() => {
    const element = place.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }, [text])
  if (text.trim() === '') return null
  return (
    <pre ref={place} className="dl-output dl-job-output" aria-label={`Output of ${titleOf(job)}`} role="log" tabIndex={0}>
      {text}
    </pre>
  )
}

function amountOf({ current, total, unit }: Step): string {
  if (total == null) return ''
  return unit === 'bytes' ? bytes(total) : `${count(current ?? 0)}/${count(total)}`
}
