import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { session, type SessionState, type SessionUser } from '@/api/session'
import { clearSharedStreams } from '@/api/ws/shared'
import { queryClient } from './queryClient'
import { router } from './router'

const Toaster = lazy(() => import('sonner').then((sonner) => ({ default: sonner.Toaster })))

export function App() {
  useEffect(followSession, [])
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Suspense fallback={null}>
        <Toaster position="bottom-right" visibleToasts={4} closeButton offset={16} />
      </Suspense>
    </QueryClientProvider>
  )
}

/** When the account changes, here or in another tab, nothing of the one before may stay on the page. */
function followSession(): () => void {
  let before = session.snapshot()
  return session.subscribe(() => {
    const now = session.snapshot()
    const [was, is] = [userOf(before), userOf(now)]
    const begins = before.status === 'unknown'
    before = now
    if (begins) return
    if (is?.id !== was?.id) {
      clearSharedStreams()
      queryClient.clear()
      void router.invalidate()
    } else if (is?.role !== was?.role) void queryClient.invalidateQueries()
  })
}

function userOf(state: SessionState): SessionUser | null {
  return state.status === 'signed-in' ? state.user : null
}
