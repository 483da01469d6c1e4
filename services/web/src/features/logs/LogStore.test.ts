import { describe, expect, it, vi } from 'vitest'
import type { Line } from './Joiner'
import { LogStore } from './LogStore'

const line = (raw: string, n = 1): Line => ({ n, stream: 1, time: '2026-11-24T10:00:00Z', raw, truncated: false })
const texts = (store: LogStore) =>
  Array.from({ length: store.end - store.first }, (_, index) => {
    const row = store.at(store.first + index)
    return row?.kind === 'line' ? row.text : row?.kind
  })

function frames() {
  const tasks: (() => void)[] = []
  return { schedule: (task: () => void) => void tasks.push(task), paint: () => tasks.splice(0).forEach((task) => task()) }
}

describe('LogStore', () => {
  it('numbers lines, not markers', () => {
    const store = new LogStore(10, () => undefined)
    store.append(line('a'), 'e')
    store.gap(1000, 'rotated')
    store.mark('The container stopped.')
    store.append(line('b'), 'e')
    expect(texts(store)).toEqual(['a', 'gap', 'mark', 'b'])
    expect(store.at(3)).toMatchObject({ no: 2, epoch: 'e' })
  })

  it('keeps the newest rows at their absolute places', () => {
    const store = new LogStore(3, () => undefined)
    for (const text of ['a', 'b', 'c', 'd', 'e']) store.append(line(text), 'e')
    expect([store.first, store.end]).toEqual([2, 5])
    expect(store.at(1)).toBeUndefined()
    expect(store.at(5)).toBeUndefined()
    expect(store.at(4)).toMatchObject({ text: 'e', no: 5 })
    expect(texts(store)).toEqual(['c', 'd', 'e'])
  })

  it('tells its viewers once per frame', () => {
    const { schedule, paint } = frames()
    const store = new LogStore(10, schedule)
    const told = vi.fn()
    store.subscribe(told)
    for (let nth = 0; nth < 100; nth++) store.append(line('x'), 'e')
    expect(told).not.toHaveBeenCalled()
    paint()
    expect(told).toHaveBeenCalledTimes(1)
    expect(store.version()).toBe(1)
  })

  it('holds 100,000 lines and takes 200,000 in good time', () => {
    const store = new LogStore(100_000, () => undefined)
    const begin = performance.now()
    for (let nth = 0; nth < 200_000; nth++) store.append(line(`2026-11-24 INFO request ${nth} done`), 'e')
    expect(store.end - store.first).toBe(100_000)
    expect(performance.now() - begin).toBeLessThan(5000)
  })

  it('shows unfinished lines below the rows, and forgets them', () => {
    const store = new LogStore(10, () => undefined)
    store.append(line('a'), 'e')
    store.setOpen([line('10 %\r20 %')], 'e')
    expect(store.open).toMatchObject([{ no: 2, text: '20 %' }])
    store.setOpen([], 'e')
    expect(store.open).toEqual([])
  })
})
