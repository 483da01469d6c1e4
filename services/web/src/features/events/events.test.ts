import { describe, expect, it } from 'vitest'
import { eventFrame } from './frames'
import { actionWord, actorName, eventTone, matches, merged } from './model'
import type { EventRecord } from './EventFeed'

const event = (more: Partial<EventRecord> = {}): EventRecord => ({
  id: 'e1',
  host: 'local',
  at: '2026-11-24T10:00:00Z',
  kind: 'container',
  action: 'start',
  actor: { id: 'ab'.repeat(32), name: 'web' },
  attributes: {},
  ...more,
})

describe('eventFrame', () => {
  it('reads events, gaps and states', () => {
    expect(eventFrame({ type: 'event', ...event(), extra: 1 })).toEqual({ type: 'event', event: event() })
    expect(eventFrame({ type: 'gap', host: 'local', reason: 'engine_lost' })).toEqual({ type: 'gap' })
    expect(eventFrame({ type: 'state', host: 'local', state: 'live', reason: '' })).toEqual({ type: 'state', host: 'local' })
  })

  it.each([null, 'x', {}, { type: 'heartbeat' }, { type: 'event' }, { type: 'event', ...event(), actor: null }, { type: 'event', ...event(), at: 7 }])(
    'ignores %j',
    (data) => {
      expect(eventFrame(data)).toBeNull()
    },
  )

  it('does without attributes that are no texts', () => {
    expect(eventFrame({ type: 'event', ...event(), attributes: { exitCode: 1 } })).toEqual({ type: 'event', event: event() })
  })
})

describe('model', () => {
  it('names actions and actors', () => {
    expect(actionWord(event({ action: 'exec_create: /bin/sh -c "a: b"' }))).toBe('exec_create')
    expect(actionWord(event({ action: 'health_status: healthy' }))).toBe('healthy')
    expect(actorName(event())).toBe('web')
    expect(actorName(event({ actor: { id: 'cd'.repeat(32), name: '' } }))).toBe('cdcdcdcdcdcd')
  })

  it('judges an end by its exit code', () => {
    expect(eventTone(event({ action: 'die', attributes: { exitCode: '0' } }))).toBe('grey')
    expect(eventTone(event({ action: 'die', attributes: { exitCode: '137' } }))).toBe('red')
    expect(eventTone(event({ action: 'health_status: unhealthy' }))).toBe('red')
    expect(eventTone(event({ action: 'health_status: healthy' }))).toBe('green')
  })

  it('filters live events as the server filters kept ones', () => {
    expect(matches(event(), { host: 'local', kind: 'container', action: 'start', actor: 'abab', q: 'WE' })).toBe(true)
    for (const filter of [{ host: 'other' }, { kind: 'image' }, { action: 'stop' }, { actor: 'cd' }, { q: 'nothing' }]) {
      expect(matches(event(), filter)).toBe(false)
    }
  })

  it('takes both ends of a span, to the nanosecond', () => {
    const filter = { since: '2026-11-24T10:00:00.000000000Z', until: '2026-11-24T10:29:59.999999999Z' }
    const times = ['2026-11-24T09:59:59.999999999Z', filter.since, filter.until, '2026-11-24T10:30:00.000000000Z']
    expect(times.map((at) => matches(event({ at }), filter))).toEqual([false, true, true, false])
  })
})

describe('merged', () => {
  const day = (id: string, day = id) => event({ id, at: `2026-01-0${day}T00:00:00.000000000Z` })
  const ids = (events: EventRecord[]) => events.map(({ id }) => id).join('')

  it('has live and kept events each once, newest first', () => {
    expect(ids(merged([day('3'), day('2')], [day('2'), day('1')], false))).toBe('321')
    expect(ids(merged([day('2'), day('5'), day('4')], [day('3'), day('1')], false)), 'of hosts that came late').toBe('54321')
    expect(ids(merged([day('2')], [], true)), 'before the history came').toBe('2')
  })

  it('orders events of one moment as the server does', () => {
    expect(ids(merged([day('a', '1'), day('c', '1')], [day('b', '1')], false))).toBe('cba')
  })

  it('holds live events back that are older than the pages that were read', () => {
    const live = [day('5'), day('1')]
    expect(ids(merged(live, [day('4'), day('3')], true))).toBe('543')
    expect(ids(merged(live, [day('4'), day('3'), day('2')], false))).toBe('54321')
  })
})
