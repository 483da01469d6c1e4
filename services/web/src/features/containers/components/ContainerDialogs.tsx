import { lazy, Suspense } from 'react'
import { openDialog, useOpenDialog } from '../dialogs'

const DialogContent = lazy(() => import('./DialogContent'))

/** Where the dialogs about containers appear; mounted once, in the shell. */
export function ContainerDialogs() {
  const dialog = useOpenDialog()
  if (dialog === null) return null
  return (
    <Suspense fallback={null}>
      <DialogContent key={`${dialog.kind} ${dialog.container.id}`} dialog={dialog} onClose={() => openDialog(null)} />
    </Suspense>
  )
}
