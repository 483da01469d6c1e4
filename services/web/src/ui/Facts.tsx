import type { ReactNode } from 'react'

/** A named list of facts, as a card. */
export function Facts({ title, extra, children }: { title: string; extra?: ReactNode; children: ReactNode }) {
  return (
    <section className="dl-card" aria-label={title}>
      <header className="dl-card-head">
        <h2>{title}</h2>
        {extra}
      </header>
      {children}
    </section>
  )
}

interface FactProps {
  name: string
  mono?: boolean
  children: ReactNode
}

/** One fact; nothing known is shown as a dash. */
export function Fact({ name, mono = false, children }: FactProps) {
  const empty = children === '' || children === null || children === undefined
  return (
    <div>
      <dt>{name}</dt>
      <dd className={mono ? 'dl-mono' : undefined}>{empty ? <span className="dl-faint">–</span> : children}</dd>
    </div>
  )
}
