import type { Tone } from '@/ui/Status'
import type { Job } from './api/jobs'
import { KINDS } from './kinds'

export type JobState = Job['state']
export type Step = Job['progress']['steps'][number]

export const STATES: readonly JobState[] = ['queued', 'running', 'succeeded', 'failed', 'cancelled']

export const TONES: Record<JobState, Tone> = { queued: 'grey', running: 'blue', succeeded: 'green', failed: 'red', cancelled: 'amber' }
export const WORDS: Record<JobState, string> = { queued: 'Waiting', running: 'Running', succeeded: 'Done', failed: 'Failed', cancelled: 'Cancelled' }

export function titleOf({ kind, subject }: Pick<Job, 'kind' | 'subject'>): string {
  return `${KINDS[kind]?.verb ?? kind} ${subject}`
}

/** Whether it can be done once more: of a build nothing is left when it is over. */
export function isRepeatable({ kind, state }: Pick<Job, 'kind' | 'state'>): boolean {
  return (state === 'failed' || state === 'cancelled') && kind !== 'image.build'
}

export function isOver({ state }: Pick<Job, 'state'>): boolean {
  return state !== 'queued' && state !== 'running'
}

/** The steps of a recreated container; the layers of its image come before them. */
const PHASES = ['pull', 'create', 'stop', 'start', 'health', 'remove', 'container', 'image']

/** Whether a step is over because a later one of those has begun that are taken one after the other. */
export function isPassed({ kind, progress: { steps } }: Pick<Job, 'kind' | 'progress'>, index: number): boolean {
  if (kind === 'image.build') return index < steps.length - 1
  return kind === 'container.recreate' && steps.slice(index + 1).some(({ id }) => PHASES.includes(id))
}

/** How a container can be made again of the image that it had before it was recreated; null where it cannot. */
export function wayBack({ kind, host, state, progress: { steps } }: Pick<Job, 'kind' | 'host' | 'state' | 'progress'>): { host: string; id: string; image: string } | null {
  if (kind !== 'container.recreate' || state !== 'succeeded' || host == null) return null
  const id = steps.find((step) => step.id === 'container')?.text
  const [, now, before] = /^(sha256:[0-9a-f]{64}) was (sha256:[0-9a-f]{64})$/.exec(steps.find((step) => step.id === 'image')?.text ?? '') ?? []
  return id === undefined || before === undefined || before === now ? null : { host, id, image: before }
}

/** From 0 to 1; null where nobody knows how much there is to do. */
export function shareOf({ current, total, text }: Step): number | null {
  if (FINISHED.test(text)) return 1
  if (total == null || total <= 0) return null
  return Math.min(1, (current ?? 0) / total)
}

/** What engines and the Compose plugin say of a part that is through, as the last of it. */
const FINISHED = /^(pull complete|already exists|layer already exists|pushed|mounted from .*|built|created|started|running|healthy|exited|stopped|removed|restarted|recreated|pulled|done|complete)$/i

/**
 * How far a job is, over all steps. Bytes weigh as many as they are, and a step of which no size is known yet as much as
 * the average of the others: so the bar does not jump back far when a layer tells its size. Without any size, the steps
 * that are through are counted.
 */
export function progressOf(job: Pick<Job, 'state' | 'progress'>): number | null {
  if (job.state === 'succeeded') return 1
  const { steps } = job.progress
  const sized = steps.filter(({ total }) => total != null && total > 0)
  const average = sized.length === 0 ? 1 : sized.reduce((sum, step) => sum + (step.total ?? 0), 0) / sized.length
  const weight = ({ total }: Step) => (total != null && total > 0 ? total : average)
  const done = steps.reduce((sum, step) => sum + weight(step) * (shareOf(step) ?? 0), 0)
  if (sized.length === 0 && done === 0) return countedShare(job.progress)
  return done / steps.reduce((sum, step) => sum + weight(step), 0)
}

/** Of a build, which says how many steps it has: those that are through. */
function countedShare({ steps }: Job['progress']): number | null {
  const counted = steps.map(({ text }) => /^Step (\d+)\/(\d+)\b/.exec(text)).filter((match) => match !== null)
  const [, step, of] = counted.at(-1) ?? []
  return step === undefined || of === undefined ? null : (Number(step) - 1) / Number(of)
}

/** How long it still takes at the pace of its time so far, in milliseconds; null while that says nothing. */
export function remainingMs(job: Pick<Job, 'state' | 'progress' | 'started_at'>, now: number): number | null {
  const done = progressOf(job)
  if (job.state !== 'running' || job.started_at == null || done === null || done < 0.05 || done >= 1) return null
  const elapsed = now - Date.parse(job.started_at)
  return elapsed < 2000 ? null : (elapsed / done) * (1 - done)
}
