import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { apiUrl, download, upload } from '@/api/transfer'
import { save } from '@/ui/save'
import { nameIn } from '../paths'

export type Entry = Schema<'FileEntry'>

export interface Place {
  host: string
  id: string
  path: string
}

const url = (what: 'content' | 'archive', { host, id, path }: Place) => apiUrl(`/api/v1/containers/${id}/files/${what}`, { path, host })

export function listingQuery({ host, id, path }: Place) {
  return queryOptions({
    queryKey: ['files', host, id, path],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/containers/{id}/files', { params: { path: { id }, query: { path, host } }, signal })),
  })
}

/** A file is saved as it is, a folder as a tar. */
export async function downloadPath(place: Place, kind: Entry['kind']): Promise<void> {
  const response = await download(url('content', place))
  save(await response.blob(), kind === 'folder' ? `${nameIn(place.path) || 'root'}.tar` : nameIn(place.path))
}

export interface TextFile {
  text: string
  /** As it was read: it is written only over that. */
  etag: string | null
}

export function textQuery(place: Place) {
  return queryOptions({
    queryKey: ['files', place.host, place.id, place.path, 'text'],
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

interface Write {
  place: Place
  body: Blob
  /** The condition: over this version, or only where nothing is. Absent to replace whatever is there. */
  over?: { etag: string | null } | 'nothing'
}

export function useWriteFile() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ place, body, over }: Write) => {
      const headers: Record<string, string> = { 'content-type': 'application/octet-stream' }
      if (over === 'nothing') headers['if-none-match'] = '*'
      else if (over?.etag != null) headers['if-match'] = over.etag
      return upload<Schema<'FileWritten'>>(url('content', place), { method: 'PUT', body, headers })
    },
    onSettled: (_data, _error, { place }) => queries.invalidateQueries({ queryKey: ['files', place.host, place.id] }),
  })
}

export function useUnpack() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ place, body }: { place: Place; body: Blob }) =>
      upload<Schema<'ArchiveUnpacked'>>(url('archive', place), { method: 'POST', body, headers: { 'content-type': 'application/x-tar' } }),
    onSettled: (_data, _error, { place }) => queries.invalidateQueries({ queryKey: ['files', place.host, place.id] }),
  })
}
