import { failureToast } from '@/ui/failureToast'
import { toast } from '@/ui/toast'
import type { Host } from './api/contract'
import { useChangeHost } from './api/hosts'

/** Lets a disabled host be used again; nothing is lost by it, so nobody is asked. */
export function useEnable(): (host: Host) => void {
  const { mutate } = useChangeHost()
  return ({ id }) =>
    mutate(
      { id, change: { enabled: true } },
      {
        onSuccess: () => toast.success(`Enabled ${id}`),
        onError: (error) => failureToast(`Could not enable ${id}`, error),
      },
    )
}
