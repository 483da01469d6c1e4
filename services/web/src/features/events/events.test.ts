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

  it('merges live and kept events, each once, newest first', () => {
    const [old, middle, fresh] = [event({ id: '1', at: '2026-01-01' }), event({ id: '2', at: '2026-01-02' }), event({ id: '3', at: '2026-01-03' })]
    expect(merged([fresh, middle], [middle, old]).map(({ id }) => id)).toEqual(['3', '2', '1'])
  })
})
