import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ApiError } from '@/api/errors'
import { Empty, ErrorPanel } from './States'

interface MissingProps {
  /** What the page is about: `image`. */
  what: string
  icon: ReactNode
  back: { label: string; to: string }
  error: unknown
  onRetry: () => void
}

/** In place of a page's content: what it is about is gone, or could not be loaded. */
export function Missing({ what, icon, back, error, onRetry }: MissingProps) {
  if (!(error instanceof ApiError) || error.status !== 404) {
    return <ErrorPanel what={`The ${what} could not be loaded`} error={error} onRetry={onRetry} />
  }
  return (
    <Empty
      icon={icon}
      action={
        <Link to={back.to} activeOptions={{ exact: true }} className="btn btn-secondary">
          {back.label}
        </Link>
      }
    >
      There is no such {what} any more.
    </Empty>
  )
}
