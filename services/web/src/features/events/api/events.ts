import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

export interface EventFilter {
  host?: string
  kind?: string
  action?: string
  /** The beginning of the ID of what it happened to. */
  actor?: string
  q?: string
}

const PAGE = 100

/** The events that the server kept, newest first. */
export function eventHistoryQuery(filter: EventFilter) {
  return infiniteQueryOptions({
    queryKey: ['events', filter],
    queryFn: ({ pageParam }) =>
      unwrap(api.GET('/api/v1/events', { params: { query: { ...filter, limit: PAGE, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
}
