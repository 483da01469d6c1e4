import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

const TOP_EVERY_MS = 3000

export function topQuery(host: string, id: string) {
  return queryOptions({
    queryKey: ['container', id, 'top'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/containers/{id}/top', { params: { path: { id }, query: { host } }, signal })),
    refetchInterval: TOP_EVERY_MS,
  })
}

export function changesQuery(host: string, id: string) {
  return queryOptions({
    queryKey: ['container', id, 'changes'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/containers/{id}/changes', { params: { path: { id }, query: { host } }, signal })),
    staleTime: 10_000,
  })
}
