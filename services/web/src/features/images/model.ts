import { imageName } from '@/format/names'
import { matchesWords, sortedBy, type SortValue } from '@/format/sorting'
import type { Image } from './api/images'

/** By what an image is called where it has no tag. */
export function titleOf(image: Pick<Image, 'id' | 'tags' | 'digests'>): string {
  const name = image.tags[0] ?? image.digests[0] ?? image.id
  return imageName(name)
}

export const USES = ['used', 'unused', 'dangling', 'update'] as const
export type Use = (typeof USES)[number]
export const USE_WORDS: Record<Use, string> = { used: 'In use', unused: 'Unused', dangling: 'Dangling', update: 'Update' }

export function usesOf(image: Image): readonly Use[] {
  const uses: Use[] = [image.containers.length > 0 ? 'used' : 'unused']
  if (image.containers.length === 0 && image.dangling) uses.push('dangling')
  if (image.update?.available === true) uses.push('update')
  return uses
}

export interface ImageFilter {
  q?: string
  host?: string
  use?: string
}

export function matches(image: Image, { q, host, use }: ImageFilter): boolean {
  if (host !== undefined && image.host !== host) return false
  if (use !== undefined && !usesOf(image).some((one) => one === use)) return false
  return matchesWords(q, [image.id, ...image.tags, ...image.digests, ...image.containers.map(({ name }) => name)])
}

export const SORT_KEYS = ['name', 'host', 'size', 'created', 'used'] as const
export type SortKey = (typeof SORT_KEYS)[number]

const READ: Record<SortKey, (image: Image) => SortValue> = {
  // Those without a tag at the end.
  name: (image) => image.tags[0],
  host: (image) => image.host,
  size: (image) => image.size_bytes,
  created: (image) => image.created_at,
  used: (image) => image.containers.length,
}

export function sorted(images: readonly Image[], key: SortKey, descending: boolean): Image[] {
  return sortedBy(images, READ[key], descending, titleOf)
}
