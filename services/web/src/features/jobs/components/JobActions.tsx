import { RotateCw, Undo2, X } from 'lucide-react'
import { useCan, type Permission } from '@/features/auth'
import { failureToast } from '@/ui/failureToast'
import { useCancelJob, useGoBack, useRetryJob, type Job } from '../api/jobs'
import { isOver, isRepeatable, titleOf, wayBack } from '../model'
import { watchJob } from '../watched'

/** Calls a job off, does it once more, or takes back what it did. */
export function JobActions({ job }: { job: Job }) {
  const can = useCan()
  const cancel = useCancelJob({
    onSuccess: () => watchJob(job.id),
    onError: (error) => failureToast(`Could not cancel ${titleOf(job)}`, error),
  })
  const retry = useRetryJob({
    onSuccess: (accepted) => watchJob(accepted.job.id),
    onError: (error) => failureToast(`Could not retry ${titleOf(job)}`, error),
  })
  const goBack = useGoBack({
    onSuccess: (accepted) => watchJob(accepted.job.id),
    onError: (error) => failureToast(`Could not take ${job.subject} back`, error),
  })
  const back = wayBack(job)
  if (job.permission == null || !can(job.permission as Permission)) return null
  if (!isOver(job)) {
    return (
      <button
        type="button"
        className="btn btn-ghost btn-icon btn-sm"
        aria-label={`Cancel ${titleOf(job)}`}
        title="Cancel"
        disabled={job.cancel_requested || cancel.isPending}
        onClick={() => cancel.mutate(job.id)}
      >
        <X size={15} aria-hidden />
      </button>
    )
  }
  if (back !== null) {
    return (
      <button
        type="button"
        className="btn btn-ghost btn-icon btn-sm"
        aria-label={`Take ${job.subject} back to its image before`}
        title="Back to its image before"
        disabled={goBack.isPending}
        onClick={() => goBack.mutate(back)}
      >
        <Undo2 size={15} aria-hidden />
      </button>
    )
  }
  if (!isRepeatable(job)) return null
  return (
    <button
      type="button"
      className="btn btn-ghost btn-icon btn-sm"
      aria-label={`Retry ${titleOf(job)}`}
      title="Retry"
      disabled={retry.isPending}
      onClick={() => retry.mutate(job.id)}
    >
      <RotateCw size={15} aria-hidden />
    </button>
  )
}
