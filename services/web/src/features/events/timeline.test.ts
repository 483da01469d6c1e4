import { describe, expect, it } from 'vitest'
import type { EventRecord } from './EventFeed'
import { bounds, pickOf, shownSpan, spanOf } from './span'
import { bucketStart, bucketWidth, MOST_BUCKETS, timeline } from './timeline'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOON = Date.parse('2026-11-24T12:00:00Z')

const at = (ms: number, more: Partial<EventRecord> = {}): EventRecord => ({
  id: String(ms),
  host: 'local',
  at: new Date(ms).toISOString(),
  kind: 'container',
  action: 'start',
  actor: { id: 'ab'.repeat(32), name: 'web' },
  attributes: {},
  ...more,
})

describe('bucketWidth', () => {
  it.each([
    [HOUR, MINUTE],
    [24 * HOUR, 30 * MINUTE],
    [7 * 24 * HOUR, 3 * HOUR],
    [30 * 24 * HOUR, 12 * HOUR],
    [0, 1000],
  ])('cuts %i ms into %i', (span, width) => {
    expect(bucketWidth(span)).toBe(width)
  })

  it('never makes more than can be shown, however long the span', () => {
    for (let span = 1000; span < 1e13; span *= 3) expect(span / bucketWidth(span)).toBeLessThanOrEqual(MOST_BUCKETS)
  })
})

describe('timeline', () => {
  it('counts each event once, where it belongs, and failures among them', () => {
    const buckets = timeline([at(NOON), at(NOON + MINUTE - 1), at(NOON + MINUTE), at(NOON + 2 * MINUTE, { action: 'oom' })], {
      from: NOON,
      to: NOON + HOUR,
      width: MINUTE,
      countedFrom: 0,
    })
    expect(buckets).toHaveLength(60)
    expect(buckets.slice(0, 4).map(({ count, troubles }) => [count, troubles])).toEqual([
      [2, 0],
      [1, 0],
      [1, 1],
      [0, 0],
    ])
    expect(buckets.every((bucket, nth) => nth === 0 || bucket.from === buckets[nth - 1]?.to)).toBe(true)
  })

  it('leaves out what is not of the span', () => {
    const buckets = timeline([at(NOON - 1), at(NOON + HOUR)], { from: NOON, to: NOON + HOUR, width: MINUTE, countedFrom: 0 })
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(0)
  })

  it('says which parts are not counted as a whole', () => {
    const buckets = timeline([], { from: NOON, to: NOON + HOUR, width: MINUTE, countedFrom: NOON + 90_000 })
    expect(buckets.slice(0, 4).map(({ whole }) => whole)).toEqual([false, false, true, true])
  })

  it('begins at a round time of day where the reader is', () => {
    const start = new Date(bucketStart(NOON + 12_345, 12 * HOUR))
    expect([0, 12]).toContain(start.getHours())
    expect(start.getMinutes()).toBe(0)
  })
})

describe('spans', () => {
  it('look back from now, by whole buckets', () => {
    expect(spanOf({ since: '1h' }, NOON + 30_000)).toEqual({ from: NOON - HOUR, to: undefined, width: MINUTE })
    expect(spanOf({}, NOON)).toEqual({ from: NOON - 24 * HOUR, to: undefined, width: 30 * MINUTE })
    expect(spanOf({ since: 'all' }, NOON).from).toBeUndefined()
  })

  it('have the ends that stand in the address', () => {
    const span = spanOf({ since: '2026-11-24T10:00:00.000Z', until: '2026-11-24T10:30:00.000Z' }, NOON)
    expect(span).toEqual({ from: NOON - 2 * HOUR, to: NOON - 1.5 * HOUR, width: MINUTE / 2 })
    expect(spanOf({ since: 'nonsense', until: 'nonsense' }, NOON), 'as if it were not there').toEqual(spanOf({}, NOON))
  })

  it('move along with the time, or stay', () => {
    const moving = spanOf({ since: '1h' }, NOON)
    expect(shownSpan(moving, [], NOON, NOON + 5 * MINUTE + 1)).toEqual({ from: NOON - 55 * MINUTE, to: NOON + 5 * MINUTE + 1, width: MINUTE })
    const still = spanOf({ since: '2026-11-24T10:00:00.000Z', until: '2026-11-24T10:30:00.000Z' }, NOON)
    expect(shownSpan(still, [], NOON, NOON + HOUR)).toEqual(still)
  })

  it('without a beginning start at the oldest event, and end at the newest where a clock runs ahead', () => {
    const all = spanOf({ since: 'all' }, NOON)
    const shown = shownSpan(all, [at(NOON + 90_000), at(NOON - HOUR + 1)], NOON, NOON)
    expect(shown).toEqual({ from: NOON - HOUR - (HOUR % shown.width), to: NOON + 90_001, width: 2 * MINUTE })
    expect(shownSpan(all, [], NOON, NOON).from).toBeLessThan(NOON)
  })

  it('are picked only where both ends are known', () => {
    expect(pickOf({ from: '2026-11-24T10:00:00Z', to: '2026-11-24T10:30:00Z' })).toEqual({ from: NOON - 2 * HOUR, to: NOON - 1.5 * HOUR })
    expect(pickOf({ from: '2026-11-24T10:00:00Z' })).toBeNull()
    expect(pickOf({ from: '2026-11-24T10:00:00Z', to: '2026-11-24T09:00:00Z' })).toBeNull()
  })

  it('end a nanosecond before the next one', () => {
    expect(bounds({ from: NOON, to: NOON + MINUTE })).toEqual({ since: '2026-11-24T12:00:00.000000000Z', until: '2026-11-24T12:00:59.999999999Z' })
    expect(bounds({})).toEqual({})
  })
})
