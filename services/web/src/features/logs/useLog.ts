import { useState, useSyncExternalStore } from 'react'
import type { Condition } from '@/api/ws/condition'
import { containerKey, SharedStreams } from '@/api/ws/shared'
import { useShared } from '@/api/ws/useShared'
import { FilteredRows, type FilterSpec } from './FilteredRows'
import { logStreams, type LogStream } from './LogStream'
import type { LogStore } from './LogStore'

/** The shared stream of a container's log; nothing but the container decides which socket is open. */
export function useLogStream(host: string, id: string): LogStream | null {
  return useShared(logStreams, containerKey(host, id))
}

export function useCondition(stream: LogStream): Condition {
  return useSyncExternalStore(stream.subscribe, stream.condition)
}

/** A filter that was replaced stays that long: until the next one has found something, or is wanted again. */
const LINGER_MS = 2000
const nothing = () => () => undefined

/** The rows that pass the filter. While a new filter has nothing to show yet, the rows of the one before. */
export function useFilteredRows(store: LogStore, spec: FilterSpec | null): FilteredRows | null {
  const [filters] = useState(
    () => new SharedStreams((key) => new FilteredRows(store, JSON.parse(key) as FilterSpec), LINGER_MS),
  )
  const [shown, setShown] = useState<FilteredRows | null>(null)
  const fresh = useShared(filters, spec === null ? null : JSON.stringify(spec))
  useSyncExternalStore(fresh?.subscribe ?? nothing, fresh?.version ?? (() => 0))
  const usable = fresh !== null && (fresh.end > fresh.first || !fresh.searching)
  const next = spec === null ? null : usable ? fresh : (shown ?? fresh)
  if (next !== shown) setShown(next)
  return next
}
