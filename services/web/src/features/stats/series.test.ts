import { describe, expect, it } from 'vitest'
import { byteScaleEnd, scaleEnd, withGaps } from './series'
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
    const shown = withGaps([sample(0), sample(1000), sample(9000)], 9000, 60_000)
    expect(shown.map(({ at, cpu }) => [at, cpu])).toEqual([
      [0, 1],
      [1000, 1],
      [2000, null],
      [9000, 1],
    ])
  })

  it('takes a late sample for no gap', () => {
    expect(withGaps([sample(0), sample(2400)], 2400, 60_000)).toHaveLength(2)
  })

  it('shows the window only', () => {
    expect(withGaps([sample(0), sample(50_000), sample(60_000)], 60_000, 15_000).map(({ at }) => at)).toEqual([50_000, 51_000, 60_000])
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
