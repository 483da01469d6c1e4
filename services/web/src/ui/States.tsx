import { CircleAlert, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { ApiError, messageOf } from '@/api/errors'

interface EmptyProps {
  icon: ReactNode
  children: ReactNode
  action?: ReactNode
}

/** One icon, one sentence, one action. */
export function Empty({ icon, children, action }: EmptyProps) {
  return (
    <div className="dl-empty">
      <span className="dl-empty-icon" aria-hidden>
        {icon}
      </span>
      <p>{children}</p>
      {action}
    </div>
  )
}

interface ErrorPanelProps {
  /** What could not be done: `The containers could not be loaded`. */
  what: string
  error: unknown
  onRetry?: () => void
}

/** What failed, why, the request's ID, and a way to try again. */
export function ErrorPanel({ what, error, onRetry }: ErrorPanelProps) {
  return (
    <div className="dl-empty" role="alert">
      <span className="dl-empty-icon dl-tone-red" aria-hidden>
        <CircleAlert size={20} />
      </span>
      <p>
        <strong>{what}.</strong> {messageOf(error)}
      </p>
      {error instanceof ApiError && error.requestId !== null && (
        <p className="dl-faint">
          Request <code>{error.requestId}</code>
        </p>
      )}
      {onRetry !== undefined && (
        <button type="button" className="btn btn-secondary" onClick={onRetry}>
          <RotateCw size={14} aria-hidden /> Retry
        </button>
      )}
    </div>
  )
}

/** Grey bars in place of rows; visible after 150 ms only, so that quick answers do not flicker. */
export function Skeleton({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  return (
    <div className="dl-skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} style={{ width: `${92 - ((row * 37) % 41)}%` }} />
      ))}
    </div>
  )
}

export function Spinner({ label = 'Working' }: { label?: string }) {
  return <span className="dl-spinner" role="status" aria-label={label} />
}
