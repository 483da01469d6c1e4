import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'

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

function useJobChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const queries = useQueryClient()
  return useMutation({ mutationFn: change, onSettled: () => queries.invalidateQueries({ queryKey: ['jobs'] }) })
}

export function useCancelJob() {
  return useJobChange((id: string) => unwrap(api.POST('/api/v1/jobs/{id}/cancel', { params: { path: { id } } })))
}

/** Makes a container of the image again that it had before. */
export function useGoBack() {
  return useJobChange(({ host, id, image }: { host: string; id: string; image: string }) =>
    unwrap(api.POST('/api/v1/containers/{id}/recreate', { params: { path: { id }, query: { host } }, body: { image, pull: false } })),
  )
}

export function useRetryJob() {
  return useJobChange((id: string) => unwrap(api.POST('/api/v1/jobs/{id}/retry', { params: { path: { id } } })))
}
