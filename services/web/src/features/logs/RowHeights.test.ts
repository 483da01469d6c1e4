import { describe, expect, it } from 'vitest'
import { LogStore } from './LogStore'
import { singleRows, SHOWN_CHARACTERS, WrappedRows } from './RowHeights'

function storeOf(...lengths: number[]): LogStore {
  const store = new LogStore(200_000, () => undefined)
  for (const length of lengths) say(store, 'x'.repeat(length))
  return store
}

function say(store: LogStore, raw: string): void {
  store.append({ n: 1, stream: 1, time: 't', raw, truncated: false }, 'e')
}

describe('singleRows', () => {
  it('takes one screen row per row', () => {
    expect(singleRows.between(3, 10)).toBe(7)
    expect(singleRows.find(3, 4.5)).toBe(7)
  })
})

describe('WrappedRows', () => {
  it('counts the screen rows that the characters take', () => {
    const heights = new WrappedRows(storeOf(0, 10, 11, 20, 21), 10)
    expect([0, 1, 2, 3, 4, 5].map((row) => heights.between(0, row))).toEqual([0, 1, 2, 4, 6, 9])
  })

  it('finds the row at a place', () => {
    const heights = new WrappedRows(storeOf(25, 5, 25), 10)
    expect([0, 2, 3, 4, 6, 99].map((offset) => heights.find(0, offset))).toEqual([0, 0, 1, 2, 2, 3])
  })

  it('only adds when rows come', () => {
    const store = storeOf(5)
    const heights = new WrappedRows(store, 10)
    say(store, 'x'.repeat(35))
    heights.update()
    expect(heights.between(0, 2)).toBe(5)
  })

  it('counts wide characters, tabs and the cut', () => {
    const store = storeOf(SHOWN_CHARACTERS * 3)
    say(store, '漢'.repeat(6))
    say(store, '\tab')
    const heights = new WrappedRows(store, 10)
    expect(heights.between(0, 1)).toBe(Math.ceil(SHOWN_CHARACTERS / 10))
    expect(heights.between(1, 2)).toBe(2)
    expect(heights.between(2, 3)).toBe(1)
  })

  it('forgets sums of rows that left, and keeps the differences', () => {
    const store = new LogStore(1000, () => undefined)
    const heights = new WrappedRows(store, 10)
    for (let nth = 0; nth < 120_000; nth++) {
      say(store, 'x'.repeat(15))
      if (nth % 500 === 0) heights.update()
    }
    heights.update()
    expect(heights.between(store.end - 10, store.end)).toBe(20)
    expect(heights.find(store.end - 10, 5)).toBe(store.end - 8)
  })
})
