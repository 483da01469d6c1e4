import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'
import { useChange } from '@/api/useChange'

export function pruneQuery(host: string) {
  return queryOptions({
    queryKey: ['containers', host, 'prune'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/containers/prune/preview', { params: { path: { host } }, signal })),
  })
}

export function usePruneContainers() {
  return useChange([['containers']], (host: string) => unwrap(api.POST('/api/v1/hosts/{host}/containers/prune', { params: { path: { host } } })))
}
