import { queryOptions } from '@tanstack/react-query'
import { allPages, PAGE } from '@/api/allPages'
import { api, unwrap, type Schema } from '@/api/client'
import { apiUrl, upload } from '@/api/transfer'
import { useChange } from '@/api/useChange'
import { saveDownload } from '@/ui/saveDownload'

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

const IMAGES = [['images']]

export function useTagImage() {
  return useChange(IMAGES, ({ host, id, reference }: ImageKey & { reference: string }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/images/{id}/tag', { params: { path: { host, id } }, body: { reference } })),
  )
}

export function useUntagImage() {
  return useChange(IMAGES, ({ host, id, reference }: ImageKey & { reference: string }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/images/{id}/untag', { params: { path: { host, id } }, body: { reference } })),
  )
}

/**
 * Removes an image with all its names. An engine refuses one with several names unless it is forced to, and then it takes
 * no notice of containers either: so the names are taken away one by one, and forced is only what was asked to be.
 */
export function useRemoveImage() {
  return useChange(IMAGES, async ({ image: { host, id, tags }, force }: { image: ImageKey & { tags: readonly string[] }; force: boolean }) => {
    for (const reference of force ? [] : tags.slice(1)) {
      await unwrap(api.POST('/api/v1/hosts/{host}/images/{id}/untag', { params: { path: { host, id } }, body: { reference } }))
    }
    return unwrap(api.DELETE('/api/v1/hosts/{host}/images/{id}', { params: { path: { host, id }, query: { force } } }))
  })
}

/** What is done by a job shows in the corner of the page. */
const JOBS = [['jobs']]

interface NamedImage {
  host: string
  image: string
}

export function usePullImage() {
  return useChange(JOBS, ({ host, image }: NamedImage) => unwrap(api.POST('/api/v1/hosts/{host}/images/pull', { params: { path: { host } }, body: { image } })))
}

/** Sends an image to its registry, under another name where one is said: it has that name then too. */
export function usePushImage() {
  return useChange(JOBS, async ({ host, id, image, isNew }: NamedImage & { id: string; isNew: boolean }) => {
    if (isNew) await unwrap(api.POST('/api/v1/hosts/{host}/images/{id}/tag', { params: { path: { host, id } }, body: { reference: image } }))
    return unwrap(api.POST('/api/v1/hosts/{host}/images/push', { params: { path: { host } }, body: { image } }))
  })
}

/** Asks registries whether they have newer images: of all hosts, of one, or of one image. */
export function useCheckUpdates() {
  return useChange(JOBS, (what: { host?: string; image?: string }) => unwrap(api.POST('/api/v1/images/check-updates', { body: what })))
}

export function searchQuery(host: string, term: string) {
  return queryOptions({
    queryKey: ['image-search', host, term],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/api/v1/hosts/{host}/images/search', { params: { path: { host }, query: { term, limit: 25 } }, signal }))).items,
    staleTime: 60_000,
    retry: false,
  })
}

export interface Build {
  tags: readonly string[]
  target: string
  pull: boolean
  noCache: boolean
  args: Record<string, string>
}

/** Builds of a Dockerfile alone. */
export function useBuildDockerfile() {
  return useChange(JOBS, ({ host, dockerfile, build: { tags, target, pull, noCache, args } }: { host: string; dockerfile: string; build: Build }) =>
    unwrap(
      api.POST('/api/v1/hosts/{host}/images/build/dockerfile', {
        params: { path: { host } },
        body: { dockerfile, tags: [...tags], target: target === '' ? null : target, pull, no_cache: noCache, args },
      }),
    ),
  )
}

interface ContextBuild {
  host: string
  context: File
  /** Its path in the context. */
  dockerfile: string
  build: Build
  signal: AbortSignal
  onProgress: (sent: number) => void
}

/** Builds of a context, which is sent first. */
export function useBuildContext() {
  return useChange(JOBS, ({ host, context, dockerfile, build, signal, onProgress }: ContextBuild) => {
    const url = apiUrl(`/api/v1/hosts/${host}/images/build`, {
      dockerfile,
      pull: String(build.pull),
      no_cache: String(build.noCache),
      ...(build.target === '' ? {} : { target: build.target }),
    })
    for (const tag of build.tags) url.searchParams.append('tag', tag)
    const headers: Record<string, string> = { 'content-type': 'application/x-tar' }
    if (Object.keys(build.args).length > 0) headers['x-dockline-build-args'] = base64(JSON.stringify(build.args))
    return upload<Schema<'JobAccepted'>>(url, { method: 'POST', body: context, headers, signal, onProgress })
  })
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

export function usePruneImages() {
  return useChange(IMAGES, ({ host, images }: { host: string; images: UnusedImages }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/images/prune', { params: { path: { host } }, body: { images } })),
  )
}

export function useImportImages() {
  return useChange(IMAGES, ({ host, file }: { host: string; file: File }) =>
    upload<Schema<'ImagesImported'>>(apiUrl(`/api/v1/hosts/${host}/images/import`, {}), {
      method: 'POST',
      body: file,
      headers: { 'content-type': 'application/x-tar' },
    }),
  )
}

/** The image with all its layers, as `docker save` writes it. */
export function exportImage({ host, id }: ImageKey, name: string): Promise<void> {
  return saveDownload(apiUrl(`/api/v1/hosts/${host}/images/${encodeURIComponent(id)}/export`, {}), `${name.replaceAll(/[^\w.-]+/g, '_')}.tar`)
}
