import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { ErrorPanel } from '@/ui/States'

/** What is left when a page cannot be shown at all. */
export function AppError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <main id="content" className="dl-content">
      <ErrorPanel
        what="This page could not be shown"
        error={error}
        onRetry={() => {
          reset()
          void router.invalidate()
        }}
      />
    </main>
  )
}
