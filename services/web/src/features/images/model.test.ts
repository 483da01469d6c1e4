import { describe, expect, it } from 'vitest'
import type { Image } from './api/images'
import { matches, sorted, titleOf, usesOf } from './model'

const image = (more: Partial<Image>): Image => ({
  id: `sha256:${'a'.repeat(64)}`,
  host: 'local',
  tags: ['nginx:1.29'],
  digests: [],
  size_bytes: 1,
  created_at: '2026-01-01T00:00:00Z',
  containers: [],
  dangling: false,
  ...more,
})
const used = image({ containers: [{ id: 'c', name: 'web', state: 'running' }] })
const dangling = image({ tags: [], dangling: true, size_bytes: 9 })

describe('images', () => {
  it('are called by their tag, else by their digest', () => {
    expect(titleOf(used)).toBe('nginx:1.29')
    expect(titleOf(dangling)).toBe('aaaaaaaaaaaa')
  })

  it('may be older than what their registry has', () => {
    const update = { available: true, checked_at: '2026-01-01T00:00:00Z' }
    expect(usesOf(image({ update }))).toEqual(['unused', 'update'])
    expect(usesOf(image({ update: { ...update, available: false } }))).toEqual(['unused'])
  })

  it('are in use, unused or dangling', () => {
    expect([used, image({}), dangling].map(usesOf)).toEqual([['used'], ['unused'], ['unused', 'dangling']])
  })

  it.each([
    [{ q: 'NGINX web' }, true],
    [{ q: 'redis' }, false],
    [{ host: 'other' }, false],
    [{ use: 'used' }, true],
    [{ use: 'dangling' }, false],
  ])('match %j: %s', (filter, found) => {
    expect(matches(used, filter)).toBe(found)
  })

  it('come without a tag last, whichever way they are sorted', () => {
    expect(sorted([dangling, used], 'name', false)).toEqual([used, dangling])
    expect(sorted([dangling, used], 'name', true)).toEqual([used, dangling])
    expect(sorted([used, dangling], 'size', true)).toEqual([dangling, used])
  })
})
