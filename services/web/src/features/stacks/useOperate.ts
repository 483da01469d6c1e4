import { watchJob } from '@/features/jobs'
import { failureToast } from '@/ui/failureToast'
import { toast } from '@/ui/toast'
import { useOperateStack, type Action, type StackKey } from './api/stacks'

/** Starts, stops or restarts a stack by a job, which shows in the corner. A stop can be taken back from its message. */
export function useOperate(): (stack: StackKey, action: Action) => void {
  const { mutateAsync } = useOperateStack()
  function operate({ host, name }: StackKey, action: Action): void {
    mutateAsync({ host, name, action }).then(
      ({ job }) => {
        watchJob(job.id)
        const undo = { label: 'Start again', onClick: () => operate({ host, name }, 'start') }
        if (action === 'stop') toast.success(`${name} is being stopped`, { action: undo, duration: 10_000 })
      },
      (error: unknown) => failureToast(`Could not ${action} ${name}`, error),
    )
  }
  return operate
}
