import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'

export function pruneQuery(host: string) {
  return queryOptions({
    queryKey: ['containers', host, 'prune'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/containers/prune/preview', { params: { path: { host } }, signal })),
  })
}

export function usePruneContainers() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (host: string) => unwrap(api.POST('/api/v1/hosts/{host}/containers/prune', { params: { path: { host } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['containers'] }),
  })
}
