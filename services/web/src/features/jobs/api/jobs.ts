import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange, type Notices } from '@/api/useChange'

export type Job = Schema<'JobRecord'>

const BUSY_MS = 1500
const IDLE_MS = 15_000

/** The jobs that go on, for the corner of every page: looked at often while there are some. */
export const activeJobsQuery = queryOptions({
  queryKey: ['jobs', 'active'],
  queryFn: async ({ signal }) =>
    (await unwrap(api.GET('/api/v1/jobs', { params: { query: { state: 'queued,running', limit: 50 } }, signal }))).items,
  refetchInterval: (query) => ((query.state.data?.length ?? 0) > 0 ? BUSY_MS : IDLE_MS),
})

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: ['jobs', 'one', id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/jobs/{id}', { params: { path: { id } }, signal })),
  })
}

export interface JobFilter {
  state?: string
  kind?: string
  host?: string
}

export function jobsQuery({ state, kind, host }: JobFilter) {
  return infiniteQueryOptions({
    queryKey: ['jobs', 'list', state ?? '', kind ?? '', host ?? ''],
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/api/v1/jobs', { params: { query: { state, kind, host, limit: 100, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: IDLE_MS,
  })
}

/** Pending until the jobs are read again: its button stays, and a second click must not begin a second job. */
function useJobChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>, notices: Notices<Variables, Answer>) {
  return useChange([['jobs']], change, { ...notices, untilRead: true })
}

export function useCancelJob(notices: Notices<string, unknown>) {
  return useJobChange((id: string) => unwrap(api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } })), notices)
}

interface Back {
  host: string
  id: string
  image: string
}

/** Makes a container of the image again that it had before. */
export function useGoBack(notices: Notices<Back, Schema<'RecreateAccepted'>>) {
  return useJobChange(
    ({ host, id, image }: Back) => unwrap(api.POST('/api/v1/containers/{id}/recreate', { params: { path: { id }, query: { host } }, body: { image, pull: false } })),
    notices,
  )
}

export function useRetryJob(notices: Notices<string, Schema<'JobAccepted'>>) {
  return useJobChange((id: string) => unwrap(api.POST('/api/v1/jobs/{id}/retry', { params: { path: { id } } })), notices)
}
