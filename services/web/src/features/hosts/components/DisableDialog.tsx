import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import type { Host } from '../api/contract'
import { useChangeHost } from '../api/hosts'

export function DisableDialog({ host, onClose }: { host: Host; onClose: () => void }) {
  const change = useChangeHost()
  return (
    <Dialog
      title={`Disable ${host.id}?`}
      onClose={onClose}
      onSubmit={() => {
        const done = () => {
          toast.success(`Disabled ${host.id}`)
          onClose()
        }
        change.mutate({ id: host.id, change: { enabled: false } }, { onSuccess: done })
      }}
      footer={<FormFooter submit="Disable host" danger busy={change.isPending} onClose={onClose} />}
    >
      <p>Its containers run on, but Dockline shows them no longer: live logs, charts and events of it end until somebody enables it again.</p>
      <Refusal error={change.error} />
    </Dialog>
  )
}
