import { queryOptions } from '@tanstack/react-query'
import { allPages, PAGE } from '@/api/allPages'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange } from '@/api/useChange'

export type Network = Schema<'NetworkSummary'>
export type NetworkDetails = Schema<'NetworkDetails'>
export type Topology = Schema<'NetworkTopology'>
export type NewNetwork = Schema<'CreateNetwork'>

const EVERY_MS = 30_000

export const networksQuery = queryOptions({
  queryKey: ['networks', 'list'],
  queryFn: ({ signal }) => allPages((cursor) => unwrap(api.GET('/api/v1/networks', { params: { query: { limit: PAGE, cursor } }, signal }))),
  refetchInterval: EVERY_MS,
})

export function topologyQuery(host: string) {
  return queryOptions({
    queryKey: ['networks', host, 'topology'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/topology', { params: { path: { host } }, signal })),
    refetchInterval: EVERY_MS,
  })
}

interface NetworkKey {
  host: string
  id: string
}

export function networkQuery({ host, id }: NetworkKey) {
  return queryOptions({
    queryKey: ['networks', host, id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/networks/{id}', { params: { path: { host, id } }, signal })),
  })
}

export function pruneQuery(host: string) {
  return queryOptions({
    queryKey: ['networks', host, 'prune'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/hosts/{host}/networks/prune/preview', { params: { path: { host } }, signal })),
  })
}

const TOUCHED = [['networks']]

export function useCreateNetwork() {
  return useChange(TOUCHED, ({ host, network }: { host: string; network: NewNetwork }) =>
    unwrap(api.POST('/api/v1/hosts/{host}/networks', { params: { path: { host } }, body: network })),
  )
}

export function useRemoveNetwork() {
  return useChange(TOUCHED, ({ host, id }: NetworkKey) => unwrap(api.DELETE('/api/v1/hosts/{host}/networks/{id}', { params: { path: { host, id } } })))
}

export function useConnect() {
  return useChange(TOUCHED, ({ host, id, ...body }: NetworkKey & Schema<'ConnectContainer'>) =>
    unwrap(api.POST('/api/v1/hosts/{host}/networks/{id}/connect', { params: { path: { host, id } }, body })),
  )
}

export function useDisconnect() {
  return useChange(TOUCHED, ({ host, id, ...body }: NetworkKey & Schema<'DisconnectContainer'>) =>
    unwrap(api.POST('/api/v1/hosts/{host}/networks/{id}/disconnect', { params: { path: { host, id } }, body })),
  )
}

export function usePruneNetworks() {
  return useChange(TOUCHED, (host: string) => unwrap(api.POST('/api/v1/hosts/{host}/networks/prune', { params: { path: { host } } })))
}
