import { queryOptions, useQuery } from '@tanstack/react-query'
import { allPages, PAGE } from '@/api/allPages'
import { api, unwrap } from '@/api/client'

/** Events shorten the wait; reading the list again is the truth. */
const EVERY_MS = 15_000

export const containersQuery = queryOptions({
  queryKey: ['containers'],
  queryFn: ({ signal }) =>
    allPages((cursor) => unwrap(api.GET('/api/v1/containers', { params: { query: { limit: PAGE, cursor } }, signal }))),
  refetchInterval: EVERY_MS,
})

export function useContainers() {
  return useQuery(containersQuery)
}

export function containerQuery(host: string, id: string) {
  return queryOptions({
    queryKey: ['container', id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/containers/{id}', { params: { path: { id }, query: { host } }, signal })),
    refetchInterval: EVERY_MS,
  })
}
