import { Link } from '@tanstack/react-router'

interface StackLinkProps {
  host: string
  /** Nothing for what belongs to none. */
  stack: string | null | undefined
}

/** The stack that something belongs to, as a fact. */
export function StackLink({ host, stack }: StackLinkProps) {
  if (stack == null) return <span className="dl-faint">–</span>
  return (
    <Link to="/hosts/$host/stacks/$name/services" params={{ host, name: stack }}>
      {stack}
    </Link>
  )
}
