import { CloudOff, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

interface BannerProps {
  tone: 'amber' | 'red' | 'blue'
  children: ReactNode
  action?: ReactNode
}

const ICONS = { amber: TriangleAlert, red: CloudOff, blue: Info }

/** A line across the page about something that makes what it shows incomplete or old. */
export function Banner({ tone, children, action }: BannerProps) {
  const Icon = ICONS[tone]
  return (
    <div className={`dl-banner dl-tone-${tone}`} role="status">
      <Icon size={16} aria-hidden />
      <span>{children}</span>
      {action}
    </div>
  )
}
