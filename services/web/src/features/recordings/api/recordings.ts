import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { apiUrl, download } from '@/api/transfer'
import { useChange } from '@/api/useChange'
import { saveDownload } from '@/ui/saveDownload'

export type Recording = Schema<'Recording'>

export interface RecordingFilter {
  user?: string | undefined
  container?: string | undefined
  host?: string | undefined
}

const EVERY_MS = 15_000

export function recordingsQuery({ user, container, host }: RecordingFilter) {
  return infiniteQueryOptions({
    queryKey: ['recordings', 'list', user ?? '', container ?? '', host ?? ''],
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/recordings', { params: { query: { user, container, host, limit: 100, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: EVERY_MS,
  })
}

export function recordingQuery(id: string) {
  return queryOptions({
    queryKey: ['recordings', 'one', id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/recordings/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'recording' ? EVERY_MS : false),
  })
}

export function useRemoveRecording() {
  return useChange([['recordings', 'list']], (id: string) => unwrap(api.DELETE('/api/v1/recordings/{id}', { params: { path: { id } } })))
}

const castUrl = (id: string) => apiUrl(`/api/v1/recordings/${id}/cast`, {})

/** What was recorded, piece by piece, as text. */
export async function* castOf(id: string, signal: AbortSignal): AsyncGenerator<string> {
  const { body } = await download(castUrl(id), signal)
  if (body === null) return
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    yield decoder.decode(value, { stream: true })
  }
  yield decoder.decode()
}

/** As a file that any player of asciicasts takes. */
export function downloadCast({ id, container_name, started_at }: Recording): Promise<void> {
  return saveDownload(castUrl(id), `${container_name}-${started_at.slice(0, 19).replaceAll(':', '')}.cast`)
}
