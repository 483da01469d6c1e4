import { useSyncExternalStore } from 'react'
import { count, plural } from '@/format/numbers'
import type { FilteredRows } from '../FilteredRows'
import type { LogStore, RowSource } from '../LogStore'

interface LogFooterProps {
  store: LogStore
  filtered: FilteredRows | null
  /** Whether the filter is a search, and not only a choice of logs. */
  searches: boolean
  tail: number | null
  following: boolean
  onFollow: (following: boolean) => void
}

/** How much there is, how much is shown, and whether the view follows. */
export function LogFooter({ store, filtered, searches, tail, following, onFollow }: LogFooterProps) {
  const source: RowSource = filtered ?? store
  useSyncExternalStore(store.subscribe, store.version)
  useSyncExternalStore(source.subscribe, source.version)
  const found = source.end - source.first
  const held = searches ? store.end - store.first : found
  const shown = Math.min(found, tail ?? Infinity)
  return (
    <footer className="dl-log-footer">
      <span>{plural(held, 'line')}</span>
      {searches && <span>{count(found)} found{filtered?.searching === true ? '…' : ''}</span>}
      {shown < found && <span>last {count(shown)} shown</span>}
      <button type="button" className="dl-follow" aria-pressed={following} onClick={() => onFollow(!following)}>
        <span className="dl-dot" aria-hidden />
        {following ? 'Following' : 'Not following'}
      </button>
    </footer>
  )
}
