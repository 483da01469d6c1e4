import { queryOptions, useMutation } from '@tanstack/react-query'
import { allPages, PAGE } from '@/api/allPages'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange, type Notices } from '@/api/useChange'

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

const TOUCHED = [['stacks'], ['jobs']]

/** The values of variables; null keeps what is stored. */
export type Variables = Record<string, string | null>

export function useValidate() {
  return useMutation({
    mutationFn: ({ host, name, compose, variables }: StackKey & { compose: string; variables: Variables }) =>
      unwrap(api.POST('/api/v1/hosts/{host}/stacks/validate', { params: { path: { host } }, body: { name, compose, variables } })),
  })
}

export function useDeploy() {
  return useChange(TOUCHED, ({ host, name, compose, variables }: StackKey & { compose: string; variables: Record<string, string> }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/stacks', { params: { path: { host } }, body: { name, compose, variables } })),
  )
}

export type Update = Schema<'UpdateStack'>

interface Updating extends StackKey {
  update: Update
}

const put = ({ update, ...key }: Updating) => unwrap(api.PUT('/api/v1/hosts/{host}/stacks/{name}', { params: at(key), body: update }))

export function useUpdateStack() {
  return useChange(TOUCHED, put)
}

/** The same of the page with the file, which stays: only the stack, read again, says that a job of it goes on. */
export function useDeployFile(notices: Notices<Updating, Schema<'JobAccepted'>>) {
  return useChange(TOUCHED, put, { ...notices, untilRead: true })
}

interface Adopting extends StackKey {
  compose: string
  variables: Record<string, string>
}

export function useAdopt(onAdopted: (adopted: Adopted, key: StackKey) => void) {
  return useChange(
    TOUCHED,
    ({ compose, variables, ...key }: Adopting) => unwrap(api.POST('/api/v1/hosts/{host}/stacks/{name}/adopt', { params: at(key), body: { compose, variables } })),
    // The page stays until the stack, read again, replaces it.
    { onSuccess: onAdopted, untilRead: true },
  )
}

export type Action = 'start' | 'stop' | 'restart'

export function useOperateStack() {
  return useChange(TOUCHED, ({ action, ...key }: StackKey & { action: Action }) =>
    unwrap(api.POST(`/api/v1/hosts/{host}/stacks/{name}/${action}`, { params: at(key) })),
  )
}

export function useRemoveStack() {
  return useChange(TOUCHED, ({ volumes, keepFile, ...key }: StackKey & { volumes: boolean; keepFile: boolean }) =>
    unwrap(
      api.DELETE('/api/v1/hosts/{host}/stacks/{name}', {
        params: { ...at(key), query: { volumes, keep_file: keepFile, ...(volumes ? { confirm: key.name } : {}) } },
      }),
    ),
  )
}
