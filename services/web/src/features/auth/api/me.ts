import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'

export type Role = 'admin' | 'operator' | 'viewer'

/** What can be allowed; the names are the server's. */
export type Permission =
  | 'hosts.read'
  | 'hosts.manage'
  | 'containers.read'
  | 'logs.read'
  | 'stats.read'
  | 'events.read'
  | 'containers.operate'
  | 'containers.remove'
  | 'containers.create'
  | 'containers.exec'
  | 'files.read'
  | 'files.write'
  | 'images.read'
  | 'images.manage'
  | 'volumes.read'
  | 'volumes.manage'
  | 'networks.read'
  | 'networks.manage'
  | 'system.read'
  | 'system.prune'
  | 'stacks.read'
  | 'stacks.manage'
  | 'registries.read'
  | 'registries.manage'
  | 'schedules.manage'
  | 'recordings.read'
  | 'recordings.manage'
  | 'host.escape'
  | 'secrets.read'
  | 'users.manage'
  | 'audit.read'

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => unwrap(api.GET('/api/v1/auth/me')),
  staleTime: 60_000,
})

export function useMe(): Schema<'Me'> | undefined {
  return useQuery(meQuery).data
}

/** Answers what the signed-in account may do; the server decides again on every request. */
export function useCan(): (permission: Permission) => boolean {
  const allowed = useMe()?.permissions
  return (permission) => allowed?.includes(permission) ?? false
}
