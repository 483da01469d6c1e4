import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

export interface EventFilter {
  host?: string
  kind?: string
  action?: string
  /** The beginning of the ID of what it happened to. */
  actor?: string
  q?: string
  /** RFC 3339, as `until`; both are included. */
  since?: string
  until?: string
}

/** The first page is there soon, those after it are few. */
const FIRST_PAGE = 100
const PAGE = 500

/** The events that the server kept, newest first. */
export function eventHistoryQuery(filter: EventFilter) {
  return infiniteQueryOptions({
    queryKey: ['events', filter],
    queryFn: ({ pageParam: cursor, signal }) => {
      const limit = cursor === undefined ? FIRST_PAGE : PAGE
      return unwrap(api.GET('/api/v1/events', { params: { query: { ...filter, limit, cursor } }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    // What is new arrives live, and where something of that was missed everything is read again.
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  })
}
