import { useQuery } from '@tanstack/react-query'
import { hostsQuery } from './api/hosts'

/** The host that a form begins with: the one that is looked at, else the only one that answers. */
export function useOnlyHost(preferred: string | undefined): string {
  const online = useQuery(hostsQuery).data?.items.filter(({ state }) => state === 'online') ?? []
  if (preferred !== undefined) return preferred
  return online.length === 1 ? (online[0]?.id ?? '') : ''
}
