import { describe, expect, it } from 'vitest'
import { doneText, partsOf } from './summary'

describe('partsOf', () => {
  it('names what would go and leaves out kinds of which nothing is unused', () => {
    const parts = partsOf({
      containers: { items: [{ id: 'c1', name: 'old', image: 'i', state: 'exited', size_bytes: 2048 }], total_bytes: 2048 },
      images: { items: [], total_bytes: 0 },
      build_cache: { count: 3, total_bytes: 1024 },
      total_bytes: 3072,
    })
    expect(parts.map(({ key, title }) => [key, title])).toEqual([
      ['containers', '1 container'],
      ['build_cache', '3 records of the build cache'],
    ])
    expect(parts[0]?.items).toEqual([{ key: 'c1', name: 'old', side: '2.00 KiB' }])
  })
})

describe('doneText', () => {
  it('counts what is gone and says what failed', () => {
    const text = doneText({
      containers: { removed: ['a', 'b'], reclaimed_bytes: 1 },
      volumes: { removed: [], reclaimed_bytes: 0 },
      failed: [{ part: 'build_cache', code: 'x', message: 'busy' }],
      reclaimed_bytes: 1,
    })
    expect(text).toBe('Removed 2 containers.\nbuild cache: busy')
    expect(doneText({ failed: [], reclaimed_bytes: 0 })).toBe('Nothing was removed.')
  })
})
