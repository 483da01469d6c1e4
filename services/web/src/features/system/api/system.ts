import { queryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange } from '@/api/useChange'

export type DiskUsage = Schema<'DiskUsage'>
export type PruneSystem = Schema<'PruneSystem'>
export type PrunePreview = Schema<'SystemPrunePreview'>
export type Pruned = Schema<'SystemPruned'>

export function diskQuery(host: string) {
  return queryOptions({
    queryKey: ['system', host, 'disk'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/system/df', { params: { path: { host } }, signal })),
    // The engine walks through all volumes for it.
    staleTime: 60_000,
  })
}

export function pruneQuery(host: string, wanted: PruneSystem) {
  return queryOptions({
    queryKey: ['system', host, 'prune', JSON.stringify(wanted)],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET('/api/v1/hosts/{host}/system/prune/preview', {
          params: {
            path: { host },
            query: {
              ...wanted,
              images: wanted.images ?? undefined,
              volumes: wanted.volumes ?? undefined,
              older_than_hours: wanted.older_than_hours ?? undefined,
            },
          },
          signal,
        }),
      ),
  })
}

/** What may be another afterwards. */
const TOUCHED = [['system'], ['containers'], ['images'], ['volumes'], ['networks']]

export function usePruneSystem(host: string) {
  return useChange(TOUCHED, (wanted: PruneSystem) => unwrap(api.POST('/api/v1/hosts/{host}/system/prune', { params: { path: { host } }, body: wanted })))
}
