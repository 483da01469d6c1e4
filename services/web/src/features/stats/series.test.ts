import { describe, expect, it } from 'vitest'
import { averages, byteScaleEnd, joined, scaleEnd, withGaps } from './series'
import type { Sample } from './StatsStream'

const sample = (at: number, cpu: number | null = 1): Sample => ({
  at,
  cpu,
  memory: 1,
  memoryLimit: null,
  memoryPercent: null,
  received: null,
  sent: null,
  receivedRate: null,
  sentRate: null,
  read: null,
  written: null,
  readRate: null,
  writtenRate: null,
  pids: null,
})

describe('withGaps', () => {
  it('puts an empty sample into a gap, so that the line breaks', () => {
    const shown = withGaps([sample(0), sample(1000), sample(9000)], 0)
    expect(shown.map(({ at, cpu }) => [at, cpu])).toEqual([
      [0, 1],
      [1000, 1],
      [2000, null],
      [9000, 1],
    ])
  })

  it('takes a late sample for no gap', () => {
    expect(withGaps([sample(0), sample(2400)], 0)).toHaveLength(2)
  })

  it('shows the window only', () => {
    expect(withGaps([sample(0), sample(50_000), sample(60_000)], 45_000).map(({ at }) => at)).toEqual([50_000, 51_000, 60_000])
  })

  it('takes one missing average for a gap', () => {
    const shown = withGaps([sample(0), sample(10_000), sample(30_000)], 0, 10_000)
    expect(shown.map(({ at, cpu }) => [at, cpu])).toEqual([
      [0, 1],
      [10_000, 1],
      [20_000, null],
      [30_000, 1],
    ])
  })
})

describe('history and live', () => {
  it('are one line, each sample once', () => {
    const history = [sample(1000, 1), sample(2000, 2)]
    const live = [sample(2000, 2), sample(3000, 3)]
    expect(joined(history, live, 1000).map(({ at }) => at)).toEqual([1000, 2000, 3000])
    expect(joined([], live, 1000)).toEqual(live)
    expect(joined(history, [], 1000)).toEqual(history)
  })

  it('have the same steps', () => {
    const live = [sample(9000, 90), sample(10_000, 1), sample(19_999, 3), sample(20_000, 5)]
    expect(joined([sample(0, 7)], live, 10_000).map(({ at, cpu }) => [at, cpu])).toEqual([
      [0, 7],
      [10_000, 2],
      [20_000, 5],
    ])
  })

  it('average what is known only', () => {
    expect(averages([sample(0, null), sample(1000, 4)], 10_000).map(({ cpu }) => cpu)).toEqual([4])
    expect(averages([sample(0, null)], 10_000).map(({ cpu }) => cpu)).toEqual([null])
  })
})

describe('scales', () => {
  it('end on round numbers above the highest value', () => {
    expect([0, 4, 60, 95, 240].map((highest) => scaleEnd(highest, 5))).toEqual([5, 5, 100, 200, 500])
  })

  it('of bytes end on round multiples of 1024', () => {
    expect(byteScaleEnd(0, 1024)).toBe(1024)
    expect(byteScaleEnd(300 * 1024 ** 2, 1024)).toBe(500 * 1024 ** 2)
  })
})
