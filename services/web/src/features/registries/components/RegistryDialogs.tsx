import { useState } from 'react'
import { HostField, useOnlyHost } from '@/features/hosts'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import { useRemoveRegistry, useTestRegistry, type Registry } from '../api/registries'
import { Outcome, RegistryDialog } from './RegistryDialog'

/** What somebody wants to do, for which a dialog opens. */
export type Intent = { kind: 'add' } | { kind: 'edit' | 'test' | 'remove'; registry: Registry }

export function RegistryDialogs({ intent, onClose }: { intent: Intent | null; onClose: () => void }) {
  switch (intent?.kind) {
    case undefined:
      return null
    case 'add':
      return <RegistryDialog onClose={onClose} />
    case 'edit':
      return <RegistryDialog registry={intent.registry} onClose={onClose} />
    case 'test':
      return <TestDialog registry={intent.registry} onClose={onClose} />
    case 'remove':
      return <RemoveDialog registry={intent.registry} onClose={onClose} />
  }
}

interface OfOneProps {
  registry: Registry
  onClose: () => void
}

function TestDialog({ registry, onClose }: OfOneProps) {
  const first = useOnlyHost(undefined)
  const [chosen, setHost] = useState<string | null>(null)
  const test = useTestRegistry()
  const host = chosen ?? first
  return (
    <Dialog
      title={`Test ${registry.address}`}
      onClose={onClose}
      onSubmit={() => test.mutate({ host, stored: registry.id })}
      footer={<FormFooter submit="Sign in" busy={test.isPending} disabled={host === ''} onClose={onClose} />}
    >
      <p>The engine of a host signs in with what is stored. Dockline itself connects nowhere.</p>
      <HostField value={host} onValue={setHost} />
      {test.data !== undefined && <Outcome outcome={test.data} />}
      <Refusal error={test.error} />
    </Dialog>
  )
}

function RemoveDialog({ registry, onClose }: OfOneProps) {
  const remove = useRemoveRegistry()
  return (
    <Dialog
      title={`Remove ${registry.address}?`}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(registry.id, {
          onSuccess: () => {
            toast.success(`Removed ${registry.address}`)
            onClose()
          },
        })
      }
      footer={<FormFooter submit="Remove" danger busy={remove.isPending} onClose={onClose} />}
    >
      <p>Its {registry.secret === 'password' ? 'password' : 'token'} is forgotten. Images that are on hosts stay; pulls and pushes go on without signing in.</p>
      <Refusal error={remove.error} />
    </Dialog>
  )
}
