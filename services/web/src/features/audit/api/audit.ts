import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'

export type AuditRecord = Schema<'AuditRecord'>

export interface AuditFilter {
  q?: string
  actor?: string
  action?: string
  outcome?: string
  since?: string
  until?: string
}

export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/api/v1/audit', { params: { query: { ...filter, limit: 100, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: (before) => before,
  })
}
