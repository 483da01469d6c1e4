import { useBlocker } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Dialog } from '@/ui/Dialog'

/** Asks before a page is left on which something is not saved. */
export function useLeaveGuard(dirty: boolean): ReactNode {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: dirty,
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  return (
    <Dialog
      title="Leave without saving?"
      onClose={blocker.reset}
      footer={
        <>
          <button type="button" className="btn btn-secondary" data-autofocus onClick={blocker.reset}>
            Stay
          </button>
          <button type="button" className="btn btn-danger" onClick={blocker.proceed}>
            Leave
          </button>
        </>
      }
    >
      <p>What you changed in the file is lost.</p>
    </Dialog>
  )
}
