import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import type { Host } from '@/features/hosts'

export interface ContainerList {
  items: Schema<'ContainerSummary'>[]
  hosts: Host[]
}

const PAGE = 500
/** Events shorten the wait; reading the list again is the truth. */
const EVERY_MS = 15_000

async function allContainers(signal: AbortSignal): Promise<ContainerList> {
  const list: ContainerList = { items: [], hosts: [] }
  let cursor: string | undefined
  do {
    const query = { limit: PAGE, cursor }
    const page = await unwrap(api.GET('/api/v1/containers', { params: { query }, signal }))
    list.items.push(...page.items)
    list.hosts = page.hosts
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return list
}

export const containersQuery = queryOptions({
  queryKey: ['containers'],
  queryFn: ({ signal }) => allContainers(signal),
  refetchInterval: EVERY_MS,
})

export function useContainers() {
  return useQuery(containersQuery)
}

export function containerQuery(host: string, id: string) {
  return queryOptions({
    queryKey: ['container', id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/v1/containers/{id}', { params: { path: { id }, query: { host } }, signal })),
    refetchInterval: EVERY_MS,
  })
}
