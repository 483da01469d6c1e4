import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { allPages, PAGE } from '@/api/allPages'
import { api, unwrap, type Schema } from '@/api/client'

export type Stack = Schema<'StackSummary'>
export type StackDetails = Schema<'StackDetails'>
export type StackFile = Schema<'StackFile'>
export type Revision = Schema<'StackRevision'>
export type Verdict = Schema<'StackVerdict'>
export type Adopted = Schema<'StackAdopted'>

/** Events shorten the wait; reading it again is the truth. */
const EVERY_MS = 15_000

export const stacksQuery = queryOptions({
  queryKey: ['stacks', 'list'],
  queryFn: ({ signal }) => allPages((cursor) => unwrap(api.GET('/api/v1/stacks', { params: { query: { limit: PAGE, cursor } }, signal }))),
  refetchInterval: EVERY_MS,
})

export interface StackKey {
  host: string
  name: string
}

const at = ({ host, name }: StackKey) => ({ path: { host, name } })

export function stackQuery(key: StackKey) {
  return queryOptions({
    queryKey: ['stacks', key.host, key.name],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/stacks/{name}', { params: at(key), signal })),
    refetchInterval: EVERY_MS,
  })
}

/** A revision of the stack's file; the newest where none is said. */
export function fileQuery(key: StackKey, revision?: number) {
  return queryOptions({
    // Not among the lists that events read anew: what is edited is not exchanged under the hands of who edits it.
    queryKey: ['stack-file', key.host, key.name, revision ?? 'newest'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/stacks/{name}/file', { params: { ...at(key), query: { revision } }, signal })),
    staleTime: Infinity,
    gcTime: 0,
  })
}

export function revisionsQuery(key: StackKey) {
  return queryOptions({
    queryKey: ['stacks', key.host, key.name, 'revisions'],
    queryFn: async ({ signal }) => (await unwrap(api.GET('/api/v1/hosts/{host}/stacks/{name}/revisions', { params: at(key), signal }))).items,
  })
}

/** `onSuccess` is called even when the page that asked is gone by then, which the change itself may have brought about. */
function useStackChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>, onSuccess?: (answer: Answer, variables: Variables) => void) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: (answer, variables) => onSuccess?.(answer, variables),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['stacks'] }), queries.invalidateQueries({ queryKey: ['jobs'] })]),
  })
}

/** The values of variables; null keeps what is stored. */
export type Variables = Record<string, string | null>

export function useValidate() {
  return useMutation({
    mutationFn: ({ host, name, compose, variables }: StackKey & { compose: string; variables: Variables }) =>
      unwrap(api.POST('/api/v1/hosts/{host}/stacks/validate', { params: { path: { host } }, body: { name, compose, variables } })),
  })
}

export function useDeploy() {
  return useStackChange(({ host, name, compose, variables }: StackKey & { compose: string; variables: Record<string, string> }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/stacks', { params: { path: { host } }, body: { name, compose, variables } })),
  )
}

export type Update = Schema<'UpdateStack'>

export function useUpdateStack() {
  return useStackChange(({ update, ...key }: StackKey & { update: Update }) =>
    unwrap(api.PUT('/api/v1/hosts/{host}/stacks/{name}', { params: at(key), body: update })),
  )
}

export function useAdopt(onAdopted: (adopted: Adopted, key: StackKey) => void) {
  return useStackChange(
    ({ compose, variables, ...key }: StackKey & { compose: string; variables: Record<string, string> }) =>
      unwrap(api.POST('/api/v1/hosts/{host}/stacks/{name}/adopt', { params: at(key), body: { compose, variables } })),
    onAdopted,
  )
}

export type Action = 'start' | 'stop' | 'restart'

export function useOperateStack() {
  return useStackChange(({ action, ...key }: StackKey & { action: Action }) =>
    unwrap(api.POST(`/api/v1/hosts/{host}/stacks/{name}/${action}`, { params: at(key) })),
  )
}

export function useRemoveStack() {
  return useStackChange(({ volumes, keepFile, ...key }: StackKey & { volumes: boolean; keepFile: boolean }) =>
    unwrap(
      api.DELETE('/api/v1/hosts/{host}/stacks/{name}', {
        params: { ...at(key), query: { volumes, keep_file: keepFile, ...(volumes ? { confirm: key.name } : {}) } },
      }),
    ),
  )
}
