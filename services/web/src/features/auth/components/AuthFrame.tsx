import type { ReactNode } from 'react'
import { Logo } from '@/ui/Logo'

interface AuthFrameProps {
  title: string
  lead: ReactNode
  children: ReactNode
}

/** The page around a form for people who are not signed in yet. */
export function AuthFrame({ title, lead, children }: AuthFrameProps) {
  return (
    <main className="dl-auth" id="content">
      <div className="dl-auth-card">
        <Logo size={28} />
        <h1>{title}</h1>
        <p className="dl-dim">{lead}</p>
        {children}
      </div>
    </main>
  )
}
