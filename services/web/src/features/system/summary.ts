import { bytes, plural } from '@/format/numbers'
import type { PrunePreview, PruneSystem, Pruned } from './api/system'

export interface Part {
  key: keyof PruneSystem
  title: string
  /** What would go, by name. */
  items: { key: string; name: string; side?: string | null }[]
}

/** What would be removed, kind by kind; kinds of which nothing is unused are left out. */
export function partsOf(preview: PrunePreview): Part[] {
  const parts: Part[] = [
    {
      key: 'containers',
      title: plural(preview.containers?.items.length ?? 0, 'container'),
      items: (preview.containers?.items ?? []).map(({ id, name, size_bytes }) => ({ key: id, name, side: bytes(size_bytes) })),
    },
    {
      key: 'images',
      title: plural(preview.images?.items.length ?? 0, 'image'),
      items: (preview.images?.items ?? []).map(({ id, tags, unique_bytes }) => ({ key: id, name: tags[0] ?? id.slice(0, 19), side: bytes(unique_bytes) })),
    },
    {
      key: 'networks',
      title: plural(preview.networks?.items.length ?? 0, 'network'),
      items: (preview.networks?.items ?? []).map(({ id, name, stack }) => ({ key: id, name, side: stack ?? null })),
    },
    {
      key: 'volumes',
      title: plural(preview.volumes?.items.length ?? 0, 'volume'),
      items: (preview.volumes?.items ?? []).map(({ name, size_bytes }) => ({ key: name, name, side: size_bytes == null ? null : bytes(size_bytes) })),
    },
    {
      key: 'build_cache',
      title: plural(preview.build_cache?.count ?? 0, 'record of the build cache', 'records of the build cache'),
      items: (preview.build_cache?.count ?? 0) > 0 ? [{ key: 'cache', name: 'Build cache', side: bytes(preview.build_cache?.total_bytes ?? 0) }] : [],
    },
  ]
  return parts.filter(({ items }) => items.length > 0)
}

/** What was removed, in one sentence. */
export function doneText(pruned: Pruned): string {
  const counts = [
    plural(pruned.containers?.removed.length ?? 0, 'container'),
    plural(pruned.images?.deleted.length ?? 0, 'image or layer', 'images and layers'),
    plural(pruned.networks?.removed.length ?? 0, 'network'),
    plural(pruned.volumes?.removed.length ?? 0, 'volume'),
    plural(pruned.build_cache?.removed.length ?? 0, 'build record'),
  ].filter((text) => !text.startsWith('0 '))
  const failed = pruned.failed.map(({ part, message }) => `${part.replace('_', ' ')}: ${message}`)
  return [counts.length === 0 ? 'Nothing was removed.' : `Removed ${counts.join(', ')}.`, ...failed].join('\n')
}
