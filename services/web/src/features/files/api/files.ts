import { queryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { apiUrl, download, upload } from '@/api/transfer'
import { useChange } from '@/api/useChange'
import { saveDownload } from '@/ui/saveDownload'
import { nameIn } from '../paths'

export type Entry = Schema<'FileEntry'>

/** Whose files they are: a container's, or those of a volume, whose paths begin at its top. */
export type Source = { kind: 'container'; host: string; id: string } | { kind: 'volume'; host: string; name: string }

export interface Place {
  of: Source
  path: string
}

const keyOf = (of: Source) => ['files', of.host, of.kind, of.kind === 'container' ? of.id : of.name]

function url(what: 'content' | 'archive', { of, path }: Place): URL {
  if (of.kind === 'container') return apiUrl(`/api/v1/containers/${of.id}/files/${what}`, { path, host: of.host })
  return apiUrl(`/api/v1/hosts/${of.host}/volumes/${of.name}/files/${what}`, { path })
}

export function listingQuery({ of, path }: Place) {
  return queryOptions({
    queryKey: [...keyOf(of), path],
    queryFn: ({ signal }) =>
      of.kind === 'container'
        ? unwrap(api.GET('/api/v1/containers/{id}/files', { params: { path: { id: of.id }, query: { path, host: of.host } }, signal }))
        : unwrap(api.GET('/api/v1/hosts/{host}/volumes/{name}/files', { params: { path: { host: of.host, name: of.name }, query: { path } }, signal })),
  })
}

/** A file is saved as it is, a folder as a tar. */
export function downloadPath(place: Place, kind: Entry['kind']): Promise<void> {
  const name = nameIn(place.path) || (place.of.kind === 'volume' ? place.of.name : 'root')
  return saveDownload(url('content', place), kind === 'folder' ? `${name}.tar` : name)
}

export interface TextFile {
  text: string
  /** As it was read: it is written only over that. */
  etag: string | null
}

export function textQuery(place: Place) {
  return queryOptions({
    queryKey: [...keyOf(place.of), place.path, 'text'],
    queryFn: async ({ signal }): Promise<TextFile | null> => {
      const response = await download(url('content', place), signal)
      const bytes = await response.arrayBuffer()
      return textOf(bytes, response.headers.get('etag'))
    },
    // What is edited must not be replaced below the hands.
    staleTime: Infinity,
    gcTime: 0,
  })
}

function textOf(bytes: ArrayBuffer, etag: string | null): TextFile | null {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), etag }
  } catch {
    return null
  }
}

const touched = ({ place }: { place: Place }) => [keyOf(place.of)]

interface Write {
  place: Place
  body: Blob
  /** The condition: over this version, or only where nothing is. Absent to replace whatever is there. */
  over?: { etag: string | null } | 'nothing'
  onProgress?: (sent: number) => void
}

export function useWriteFile() {
  return useChange(touched, ({ place, body, over, onProgress }: Write) => {
    const headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
    if (over === 'nothing') headers['if-none-match'] = '*'
    else if (over?.etag != null) headers['if-match'] = over.etag
    return upload<Schema<'FileWritten'>>(url('content', place), { method: 'PUT', body, headers, onProgress })
  })
}

export function useUnpack() {
  return useChange(touched, ({ place, body, onProgress }: Write) =>
    upload<Schema<'ArchiveUnpacked'>>(url('archive', place), { method: 'POST', body, headers: { 'content-type': 'application/x-tar' }, onProgress }),
  )
}

interface Removal {
  place: { of: Extract<Source, { kind: 'container' }>; path: string }
  /** A folder with everything in it. */
  recursive: boolean
}

export function useRemoveFile() {
  return useChange(touched, ({ place: { of, path }, recursive }: Removal) =>
    unwrap(api.DELETE('/api/v1/containers/{id}/files', { params: { path: { id: of.id }, query: { path, recursive, host: of.host } } })),
  )
}
