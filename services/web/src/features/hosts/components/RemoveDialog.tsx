import { useState } from 'react'
import { ConfirmName } from '@/ui/ConfirmName'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import type { Host } from '../api/contract'
import { useRemoveHost } from '../api/hosts'

interface RemoveDialogProps {
  host: Host
  onClose: () => void
  onRemoved?: (() => void) | undefined
}

export function RemoveDialog({ host, onClose, onRemoved }: RemoveDialogProps) {
  const [typed, setTyped] = useState('')
  const remove = useRemoveHost()
  const confirmed = typed === host.id
  return (
    <Dialog
      title={`Remove ${host.id}?`}
      onClose={onClose}
      onSubmit={() => {
        if (!confirmed) return
        const done = () => {
          toast.success(`Removed ${host.id}`)
          onClose()
          onRemoved?.()
        }
        remove.mutate(host.id, { onSuccess: done })
      }}
      footer={<FormFooter submit="Remove host" danger disabled={!confirmed} busy={remove.isPending} onClose={onClose} />}
    >
      <p>
        Nothing happens to its containers. Dockline forgets its address, its labels{host.security !== 'none' && ' and its stored secrets'}; to have
        it back, it has to be added anew.
      </p>
      <ConfirmName name={host.id} value={typed} onValue={setTyped} />
      <Refusal error={remove.error} />
    </Dialog>
  )
}
