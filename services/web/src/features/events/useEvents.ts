import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { eventHistoryQuery, type EventFilter } from './api/events'
import { isExec, matches, merged } from './model'
import { useLatestEvents } from './useEventFeed'

/** Kept events and live ones as one list, newest first. */
export function useEvents(filter: EventFilter, withExec = false) {
  const live = useLatestEvents()
  const history = useInfiniteQuery(eventHistoryQuery(filter))
  const pages = history.data?.pages
  const events = useMemo(() => {
    const fresh = live.filter((event) => matches(event, filter))
    const kept = pages?.flatMap((page) => page.items) ?? []
    return merged(fresh, kept).filter((event) => withExec || !isExec(event))
  }, [live, pages, filter, withExec])
  return { events, history }
}
