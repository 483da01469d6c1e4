import { matchesWords, sortedBy, type SortValue } from '@/format/sorting'
import type { Volume } from './api/volumes'

export interface VolumeFilter {
  q?: string
  host?: string
  use?: string
}

/** `use` is `used`, `unused` or `anonymous`. */
export function matches(volume: Volume, { q, host, use }: VolumeFilter): boolean {
  if (host !== undefined && volume.host !== host) return false
  if (use === 'used' && volume.containers.length === 0) return false
  if (use === 'unused' && volume.containers.length > 0) return false
  if (use === 'anonymous' && !volume.anonymous) return false
  const labels = Object.entries(volume.labels).map(([name, value]) => `${name}=${value}`)
  return matchesWords(q, [volume.name, volume.driver, volume.stack, ...volume.containers.map(({ name }) => name), ...labels])
}

/** 64 digits say nothing: the engine invented them. */
export function titleOf({ name, anonymous }: Pick<Volume, 'name' | 'anonymous'>): string {
  return anonymous ? name.slice(0, 12) : name
}

export const keyOf = ({ host, name }: Pick<Volume, 'host' | 'name'>): string => `${host} ${name}`

export const SORT_KEYS = ['name', 'host', 'driver', 'size', 'created', 'used'] as const
export type SortKey = (typeof SORT_KEYS)[number]

export function sorted(volumes: readonly Volume[], key: SortKey, descending: boolean, sizes: ReadonlyMap<string, number | null>): Volume[] {
  const read: Record<SortKey, (volume: Volume) => SortValue> = {
    name: ({ name }) => name,
    host: ({ host }) => host,
    driver: ({ driver }) => driver,
    size: (volume) => sizes.get(keyOf(volume)),
    created: ({ created_at }) => created_at,
    used: ({ containers }) => containers.length,
  }
  return sortedBy(volumes, read[key], descending, ({ name }) => name)
}
