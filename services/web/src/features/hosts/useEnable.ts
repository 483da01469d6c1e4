import { failureToast } from '@/ui/failureToast'
import { toast } from '@/ui/toast'
import type { Host } from './api/contract'
import { useChangeHost } from './api/hosts'

/** Lets a disabled host be used again; nothing is lost by it, so nobody is asked. */
export function useEnable(): (host: Host) => void {
  const { mutateAsync } = useChangeHost()
  return ({ id }) =>
    void mutateAsync({ id, change: { enabled: true } }).then(
      () => toast.success(`Enabled ${id}`),
      (error: unknown) => failureToast(`Could not enable ${id}`, error),
    )
}
