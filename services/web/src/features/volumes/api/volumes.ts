import { queryOptions } from '@tanstack/react-query'
import { allPages, PAGE } from '@/api/allPages'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange } from '@/api/useChange'

export type Volume = Schema<'VolumeSummary'>
export type VolumeDetails = Schema<'VolumeDetails'>
export type UnusedVolumes = Schema<'UnusedVolumes'>
export type NewVolume = Schema<'CreateVolume'>

const EVERY_MS = 30_000

export const volumesQuery = queryOptions({
  queryKey: ['volumes', 'list'],
  queryFn: ({ signal }) => allPages((cursor) => unwrap(api.GET('/api/v1/volumes', { params: { query: { limit: PAGE, cursor } }, signal }))),
  refetchInterval: EVERY_MS,
})

/** The same with sizes: an engine measures them by walking through all files, so that nobody waits for it. */
export const sizesQuery = queryOptions({
  queryKey: ['volumes', 'sizes'],
  queryFn: async ({ signal }) => {
    const missing = new Map<string, string>()
    const list = await allPages(async (cursor) => {
      const page = await unwrap(api.GET('/api/v1/volumes', { params: { query: { limit: PAGE, cursor, sizes: true } }, signal }))
      for (const { host, reason } of page.sizes_missing) missing.set(host, reason)
      return page
    })
    const sizes = new Map(list.items.map(({ host, name, size_bytes }) => [`${host} ${name}`, size_bytes ?? null]))
    return { sizes, missing }
  },
  staleTime: 60_000,
})

interface VolumeKey {
  host: string
  name: string
}

export function volumeQuery({ host, name }: VolumeKey) {
  return queryOptions({
    queryKey: ['volumes', host, name],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/volumes/{name}', { params: { path: { host, name } }, signal })),
  })
}

export function pruneQuery(host: string, volumes: UnusedVolumes) {
  return queryOptions({
    queryKey: ['volumes', host, 'prune', volumes],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/hosts/{host}/volumes/prune/preview', { params: { path: { host }, query: { volumes } }, signal })),
  })
}

const TOUCHED = [['volumes']]

export function useCreateVolume() {
  return useChange(TOUCHED, ({ host, volume }: { host: string; volume: NewVolume }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/volumes', { params: { path: { host } }, body: volume })),
  )
}

export function useRemoveVolume() {
  return useChange(TOUCHED, ({ host, name }: VolumeKey) => unwrap(api.DELETE('/api/v1/hosts/{host}/volumes/{name}', { params: { path: { host, name } } })))
}

export function usePruneVolumes() {
  return useChange(TOUCHED, ({ host, volumes }: { host: string; volumes: UnusedVolumes }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/volumes/prune', { params: { path: { host } }, body: { volumes } })),
  )
}
