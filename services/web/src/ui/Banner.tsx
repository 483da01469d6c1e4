import { CloudOff, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

interface BannerProps {
  tone: 'amber' | 'red'
  children: ReactNode
  action?: ReactNode
}

/** A line across the page about something that makes what it shows incomplete or old. */
export function Banner({ tone, children, action }: BannerProps) {
  return (
    <div className={`dl-banner dl-tone-${tone}`} role="status">
      {tone === 'red' ? <CloudOff size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
      <span>{children}</span>
      {action}
    </div>
  )
}
