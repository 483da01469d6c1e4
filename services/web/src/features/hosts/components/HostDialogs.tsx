import { lazy, Suspense } from 'react'
import { DisableDialog } from './DisableDialog'
import type { Intent } from './HostMenu'
import { RemoveDialog } from './RemoveDialog'
import { TestDialog } from './TestDialog'

// Loaded by those who may add hosts, when they do.
const HostFormDialog = lazy(() => import('./HostFormDialog'))

interface HostDialogsProps {
  intent: Intent | null
  onClose: () => void
  /** After the host was removed. */
  onRemoved?: () => void
}

/** The dialog for what somebody wants to do. */
export function HostDialogs({ intent, onClose, onRemoved }: HostDialogsProps) {
  switch (intent?.kind) {
    case undefined:
      return null
    case 'disable':
      return <DisableDialog host={intent.host} onClose={onClose} />
    case 'remove':
      return <RemoveDialog host={intent.host} onClose={onClose} onRemoved={onRemoved} />
    case 'test':
      return <TestDialog host={intent.host} onClose={onClose} />
    default:
      return (
        <Suspense fallback={null}>
          <HostFormDialog host={intent?.kind === 'edit' ? intent.host : null} onClose={onClose} />
        </Suspense>
      )
  }
}
