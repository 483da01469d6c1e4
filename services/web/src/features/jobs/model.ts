import type { Tone } from '@/ui/Status'
import type { Job } from './api/jobs'

export type JobState = Job['state']
export type Step = Job['progress']['steps'][number]

export const STATES: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled']

export const TONES: Record<JobState, Tone> = { queued: 'grey', running: 'blue', succeeded: 'green', failed: 'red', cancelled: 'amber' }
export const WORDS: Record<JobState, string> = { queued: 'Waiting', running: 'Running', succeeded: 'Done', failed: 'Failed', cancelled: 'Cancelled' }

/** Kinds as sentences begin; others appear by their name. */
const KINDS: Record<string, string> = { 'image.pull': 'Pull', 'image.push': 'Push', 'image.build': 'Build' }

export function titleOf({ kind, subject }: Pick<Job, 'kind' | 'subject'>): string {
  return `${KINDS[kind] ?? kind} ${subject}`
}

export function isOver({ state }: Pick<Job, 'state'>): boolean {
  return state !== 'queued' && state !== 'running'
}

/** From 0 to 1; null where nobody knows how much there is to do. */
export function shareOf({ current, total }: Step): number | null {
  if (total == null || total <= 0) return null
  return Math.min(1, (current ?? 0) / total)
}

/**
 * How far a job is, over all steps. Bytes weigh as many as they are, and a step of which no size is known yet as much as
 * the average of the others: so the bar does not jump back far when a layer tells its size.
 */
export function progressOf(job: Pick<Job, 'state' | 'progress'>): number | null {
  if (job.state === 'succeeded') return 1
  const sized = job.progress.steps.filter(({ total }) => total != null && total > 0)
  if (sized.length === 0) return null
  const total = sized.reduce((sum, step) => sum + (step.total ?? 0), 0)
  const current = sized.reduce((sum, step) => sum + Math.min(step.total ?? 0, step.current ?? 0), 0)
  const unknown = job.progress.steps.length - sized.length
  return current / (total + (total / sized.length) * unknown)
}

/** How long it still takes at the pace of its time so far, in milliseconds; null while that says nothing. */
export function remainingMs(job: Pick<Job, 'state' | 'progress' | 'started_at'>, now: number): number | null {
  const done = progressOf(job)
  if (job.state !== 'running' || job.started_at == null || done === null || done < 0.05 || done >= 1) return null
  const elapsed = now - Date.parse(job.started_at)
  return elapsed < 2000 ? null : (elapsed / done) * (1 - done)
}
