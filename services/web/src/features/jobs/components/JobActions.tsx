import { RotateCw, X } from 'lucide-react'
import { useCan, type Permission } from '@/features/auth'
import { failureToast } from '@/ui/failureToast'
import { useCancelJob, useRetryJob, type Job } from '../api/jobs'
import { isOver, titleOf } from '../model'
import { watchJob } from '../watched'

/** Calls a job off, or does it once more. */
export function JobActions({ job }: { job: Job }) {
  const can = useCan()
  const cancel = useCancelJob()
  const retry = useRetryJob()
  if (job.permission == null || !can(job.permission as Permission)) return null
  if (!isOver(job)) {
    return (
      <button
        type="button"
        className="btn btn-ghost btn-icon btn-sm"
        aria-label={`Cancel ${titleOf(job)}`}
        title="Cancel"
        disabled={job.cancel_requested || cancel.isPending}
        onClick={() => cancel.mutate(job.id, { onError: (error) => failureToast(`Could not cancel ${titleOf(job)}`, error) })}
      >
        <X size={15} aria-hidden />
      </button>
    )
  }
  if (job.state === 'succeeded') return null
  return (
    <button
      type="button"
      className="btn btn-ghost btn-icon btn-sm"
      aria-label={`Retry ${titleOf(job)}`}
      title="Retry"
      disabled={retry.isPending}
      onClick={() =>
        retry.mutate(job.id, {
          onSuccess: (accepted) => watchJob(accepted.job.id),
          onError: (error) => failureToast(`Could not retry ${titleOf(job)}`, error),
        })
      }
    >
      <RotateCw size={15} aria-hidden />
    </button>
  )
}
