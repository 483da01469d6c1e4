import { matchesWords, sortedBy, type SortValue } from '@/format/sorting'
import type { Network } from './api/networks'

export interface NetworkFilter {
  q?: string
  host?: string
}

export function matches(network: Network, { q, host }: NetworkFilter): boolean {
  if (host !== undefined && network.host !== host) return false
  const labels = Object.entries(network.labels).map(([name, value]) => `${name}=${value}`)
  return matchesWords(q, [network.name, network.id, network.driver, network.stack, ...network.subnets.map(({ subnet }) => subnet), ...labels])
}

export const SORT_KEYS = ['name', 'host', 'driver', 'containers', 'created'] as const
export type SortKey = (typeof SORT_KEYS)[number]

const READ: Record<SortKey, (network: Network) => SortValue> = {
  name: ({ name }) => name,
  host: ({ host }) => host,
  driver: ({ driver }) => driver,
  containers: ({ containers }) => containers,
  created: ({ created_at }) => created_at,
}

export function sorted(networks: readonly Network[], key: SortKey, descending: boolean): Network[] {
  return sortedBy(networks, READ[key], descending, ({ name }) => name)
}
