import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { eventHistoryQuery, type EventFilter } from './api/events'
import { isExec, matches, merged } from './model'
import { useLatestEvents } from './useEventFeed'

interface Wanted {
  /** With the events of health checks and terminals. */
  withExec?: boolean
  /** How many kept events are read without being asked for; a page otherwise. */
  ahead?: number
}

/** Kept events and live ones as one list, newest first. */
export function useEvents(filter: EventFilter, { withExec = false, ahead = 0 }: Wanted = {}) {
  const live = useLatestEvents()
  const history = useInfiniteQuery(eventHistoryQuery(filter))
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = history
  const kept = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const goesOn = hasNextPage && !isFetching && !isError && kept.length < ahead
  useEffect(() => {
    if (goesOn) void fetchNextPage()
  }, [goesOn, fetchNextPage])

  const events = useMemo(() => {
    const fresh = live.filter((event) => matches(event, filter))
    return merged(fresh, kept, hasNextPage).filter((event) => withExec || !isExec(event))
  }, [live, kept, filter, withExec, hasNextPage])
  return { events, history, oldest: hasNextPage ? kept.at(-1)?.at : undefined }
}
