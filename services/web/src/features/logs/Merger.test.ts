import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Merger, PATIENCE_MS, WINDOW_MS } from './Merger'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function watch() {
  const seen: string[] = []
  const merger = new Merger(() => Date.now())
  return { merger, seen, add: (log: string, time: string | null, text = `${log}${time ?? ''}`) => merger.add(log, time, () => seen.push(text)) }
}

describe('Merger', () => {
  it('puts what comes shortly after one another in the order of time', () => {
    const { seen, add } = watch()
    add('a', '2')
    vi.advanceTimersByTime(WINDOW_MS / 2)
    add('b', '1')
    add('b', '3')
    expect(seen).toEqual([])
    vi.advanceTimersByTime(WINDOW_MS)
    expect(seen.slice(0, 2)).toEqual(['b1', 'a2'])
    vi.advanceTimersByTime(WINDOW_MS)
    expect(seen).toEqual(['b1', 'a2', 'b3'])
  })

  it('does not wait for what comes later', () => {
    const { seen, add } = watch()
    add('a', '2')
    vi.advanceTimersByTime(2 * WINDOW_MS)
    add('b', '1')
    vi.advanceTimersByTime(2 * WINDOW_MS)
    expect(seen).toEqual(['a2', 'b1'])
  })

  it('keeps the order of each log, whatever its times are', () => {
    const { seen, add } = watch()
    add('a', '5', 'first')
    add('a', '3', 'second')
    add('a', null, 'third')
    add('b', '4', 'other')
    vi.advanceTimersByTime(2 * WINDOW_MS)
    expect(seen).toEqual(['other', 'first', 'second', 'third'])
  })

  it('waits until all that begin have caught up, but not for ever', () => {
    const { merger, seen, add } = watch()
    merger.begin('a')
    merger.begin('b')
    add('a', '2')
    merger.ready('a')
    vi.advanceTimersByTime(PATIENCE_MS / 2)
    expect(seen).toEqual([])
    add('b', '1')
    merger.ready('b')
    vi.advanceTimersByTime(2 * WINDOW_MS)
    expect(seen).toEqual(['b1', 'a2'])

    merger.begin('c')
    add('a', '3')
    vi.advanceTimersByTime(PATIENCE_MS + WINDOW_MS)
    expect(seen).toEqual(['b1', 'a2', 'a3'])
  })
})
