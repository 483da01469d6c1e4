import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'

interface SortHeaderProps<Key extends string> {
  name: Key
  sort: Key
  descending: boolean
  onSort: (key: Key) => void
  className?: string
  children: ReactNode
}

/** A column's head that sorts by it. */
export function SortHeader<Key extends string>({ name, sort, descending, onSort, className, children }: SortHeaderProps<Key>) {
  const active = sort === name
  return (
    <th scope="col" className={className} aria-sort={active ? (descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" className="dl-sort" onClick={() => onSort(name)}>
        {children}
        {active && (descending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
      </button>
    </th>
  )
}
