import type { ReactNode } from 'react'

export type Tone = 'green' | 'amber' | 'red' | 'blue' | 'grey'

interface StatusProps {
  tone: Tone
  children: ReactNode
  /** Something is under way. */
  busy?: boolean
  /** On a tinted surface, where it stands alone. */
  pill?: boolean
  title?: string
}

/** A dot and a word: never a colour alone. */
export function Status({ tone, children, busy = false, pill = false, title }: StatusProps) {
  const classes = ['dl-status', `dl-tone-${tone}`]
  if (pill) classes.push('dl-status-pill')
  if (busy) classes.push('dl-status-busy')
  return (
    <span className={classes.join(' ')} title={title}>
      <span className="dl-dot" aria-hidden />
      {children}
    </span>
  )
}
