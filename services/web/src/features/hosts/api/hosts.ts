import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { api, unwrap } from '@/api/client'
import type { Host, HostUpdate, NewHost, TryHost } from './contract'

interface HostList {
  items: Host[]
}

export const hostsQuery = queryOptions({
  queryKey: ['hosts'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts', { signal })),
  refetchInterval: 10_000,
})

export function hostQuery(id: string) {
  return queryOptions({
    queryKey: ['hosts', id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}', { params: { path: { host: id } }, signal })),
    refetchInterval: 5000,
  })
}

/** Secrets are in what these are called with: nothing of it is kept once they are done. */
const FORGETFUL = { gcTime: 0 }

export function useAddHost() {
  const queries = useQueryClient()
  return useMutation({
    ...FORGETFUL,
    mutationFn: (body: NewHost) => unwrap(api.POST('/api/v1/hosts', { body })),
    onSuccess: (host) => know(queries, host),
    onSettled: () => look(queries),
  })
}

export function useChangeHost() {
  const queries = useQueryClient()
  return useMutation({
    ...FORGETFUL,
    mutationFn: ({ id, change }: { id: string; change: HostUpdate }) =>
      unwrap(api.PATCH('/api/v1/hosts/{host}', { params: { path: { host: id } }, body: change })),
    onSuccess: (host) => know(queries, host),
    onSettled: () => look(queries),
  })
}

export function useRemoveHost() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/hosts/{host}', { params: { path: { host: id } } })),
    onSuccess: (_, id) => forget(queries, id),
    onSettled: () => look(queries),
  })
}

/** Tries a host as it is described, or one that exists with the secrets that are stored. */
export function useTestHost() {
  return useMutation({
    ...FORGETFUL,
    mutationFn: (host: TryHost | { stored: string }) =>
      'stored' in host
        ? unwrap(api.POST('/api/v1/hosts/{host}/test', { params: { path: { host: host.stored } } }))
        : unwrap(api.POST('/api/v1/hosts/test', { body: host })),
  })
}

/** How long a change takes until the containers that every replica answers with are those of its hosts. */
const SETTLES_MS = 1500

/** Nobody waits for this: a list takes as long as its slowest host. */
function look(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['hosts'] })
  setTimeout(() => void queries.invalidateQueries({ queryKey: ['containers'] }), SETTLES_MS)
}

async function know(queries: QueryClient, host: Host): Promise<void> {
  await queries.cancelQueries({ queryKey: ['hosts'] })
  queries.setQueryData(['hosts', host.id], host)
  queries.setQueryData<HostList>(['hosts'], (list) => list && { items: withHost(list.items, host) })
}

/** A list with this host in the place of the one that has its ID, in the order of the IDs. */
export function withHost(hosts: readonly Host[], host: Host): Host[] {
  return [...hosts.filter(({ id }) => id !== host.id), host].sort((a, b) => (a.id < b.id ? -1 : 1))
}

async function forget(queries: QueryClient, id: string): Promise<void> {
  await queries.cancelQueries({ queryKey: ['hosts'] })
  queries.setQueryData<HostList>(['hosts'], (list) => list && { items: list.items.filter((host) => host.id !== id) })
}
