import { lazy, Suspense } from 'react'
import { useCan } from '@/features/auth'

const Corner = lazy(() => import('./Corner'))

/** The background jobs that go on, in the corner of every page, and how those ended that were begun here. */
export function JobsCorner() {
  const can = useCan()
  if (!can('images.read')) return null
  return (
    <Suspense fallback={null}>
      <Corner />
    </Suspense>
  )
}
