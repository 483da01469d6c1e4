import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { allPages, PAGE } from '@/api/allPages'
import { api, unwrap, type Schema } from '@/api/client'
import { apiUrl, download, upload } from '@/api/transfer'
import { save } from '@/ui/save'

export type Image = Schema<'ImageSummary'>
export type ImageDetails = Schema<'ImageDetails'>
export type UnusedImages = Schema<'UnusedImages'>

/** Images come and go by events too; reading the list again is the truth. */
const EVERY_MS = 30_000

export const imagesQuery = queryOptions({
  queryKey: ['images'],
  queryFn: ({ signal }) => allPages((cursor) => unwrap(api.GET('/api/v1/images', { params: { query: { limit: PAGE, cursor } }, signal }))),
  refetchInterval: EVERY_MS,
})

interface ImageKey {
  host: string
  id: string
}

export function imageQuery({ host, id }: ImageKey) {
  return queryOptions({
    queryKey: ['images', host, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/images/{id}', { params: { path: { host, id } }, signal })),
  })
}

export function historyQuery({ host, id }: ImageKey) {
  return queryOptions({
    queryKey: ['images', host, id, 'history'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/images/{id}/history', { params: { path: { host, id } }, signal })),
    staleTime: Infinity,
  })
}

export function pruneQuery(host: string, images: UnusedImages) {
  return queryOptions({
    queryKey: ['images', host, 'prune', images],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/v1/hosts/{host}/images/prune/preview', { params: { path: { host }, query: { images } }, signal })),
  })
}

function useImageChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const queries = useQueryClient()
  return useMutation({ mutationFn: change, onSettled: () => queries.invalidateQueries({ queryKey: ['images'] }) })
}

export function useTagImage() {
  return useImageChange(({ host, id, reference }: ImageKey & { reference: string }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/images/{id}/tag', { params: { path: { host, id } }, body: { reference } })),
  )
}

export function useUntagImage() {
  return useImageChange(({ host, id, reference }: ImageKey & { reference: string }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/images/{id}/untag', { params: { path: { host, id } }, body: { reference } })),
  )
}

export function useRemoveImage() {
  return useImageChange(({ host, id, force }: ImageKey & { force: boolean }) =>
    unwrap(api.DELETE('/api/v1/hosts/{host}/images/{id}', { params: { path: { host, id }, query: { force } } })),
  )
}

export function usePruneImages() {
  return useImageChange(({ host, images }: { host: string; images: UnusedImages }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/images/prune', { params: { path: { host } }, body: { images } })),
  )
}

export function useImportImages() {
  return useImageChange(({ host, file }: { host: string; file: File }) =>
    upload<Schema<'ImagesImported'>>(apiUrl(`/api/v1/hosts/${host}/images/import`, {}), {
      method: 'POST',
      body: file,
      headers: { 'content-type': 'application/x-tar' },
    }),
  )
}

/** The image with all its layers, as `docker save` writes it. */
export async function exportImage({ host, id }: ImageKey, name: string): Promise<void> {
  const response = await download(apiUrl(`/api/v1/hosts/${host}/images/${encodeURIComponent(id)}/export`, {}))
  save(await response.blob(), `${name.replaceAll(/[^\w.-]+/g, '_')}.tar`)
}
