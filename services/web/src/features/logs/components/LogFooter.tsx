import { useSyncExternalStore } from 'react'
import { count, plural } from '@/format/numbers'
import type { FilteredRows } from '../FilteredRows'
import type { LogStore, RowSource } from '../LogStore'

interface LogFooterProps {
  store: LogStore
  filtered: FilteredRows | null
  tail: number | null
  following: boolean
  onFollow: (following: boolean) => void
}

/** How much there is, how much is shown, and whether the view follows. */
export function LogFooter({ store, filtered, tail, following, onFollow }: LogFooterProps) {
  const source: RowSource = filtered ?? store
  useSyncExternalStore(store.subscribe, store.version)
  useSyncExternalStore(source.subscribe, source.version)
  const held = store.end - store.first
  const found = source.end - source.first
  const shown = Math.min(found, tail ?? Infinity)
  return (
    <footer className="dl-log-footer">
      <span>{plural(held, 'line')}</span>
      {filtered !== null && <span>{count(found)} found{filtered.searching ? '…' : ''}</span>}
      {shown < found && <span>last {count(shown)} shown</span>}
      <button type="button" className="dl-follow" aria-pressed={following} onClick={() => onFollow(!following)}>
        <span className="dl-dot" aria-hidden />
        {following ? 'Following' : 'Not following'}
      </button>
    </footer>
  )
}
