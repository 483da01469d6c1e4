import { describe, expect, it } from 'vitest'
import { withHost } from './api/hosts'
import { allLabels, conditionOf, matches, sentence, sorted, trouble } from './model'
import { testHost } from './testHost'

describe('conditionOf', () => {
  it.each([
    [{}, 'online', null],
    [{ latency_ms: 1000 }, 'slow', 'The engine took 1 s to answer.'],
    [{ state: 'offline', error: 'the engine did not answer within 3 s' }, 'offline', 'The engine did not answer within 3 s.'],
    [{ state: 'offline', latency_ms: 3000 }, 'offline', 'The engine does not answer.'],
    [{ state: 'disabled', enabled: false }, 'disabled', 'Disabled: Dockline does not ask its engine, and shows nothing of it.'],
  ] as const)('of %j', (more, condition, words) => {
    const host = testHost(more)
    expect([conditionOf(host), trouble(host)]).toEqual([condition, words])
  })
})

it('makes a sentence of an error', () => {
  expect([' refused ', 'Is it there?', 'wait…'].map(sentence)).toEqual(['Refused.', 'Is it there?', 'Wait…'])
})

describe('matches', () => {
  const host = testHost({ labels: { environment: 'production', gpu: '' }, address: 'ssh://deploy@192.0.2.10', security: 'ssh' })

  it('looks for every word in name, address, labels, system and kind', () => {
    for (const q of ['WEB-1', '192.0.2', 'environment=prod', 'bookworm 28.5', 'ssh deploy']) expect(matches(host, { q })).toBe(true)
    expect(matches(host, { q: 'web-1 windows' })).toBe(false)
  })

  it('takes a label whole', () => {
    for (const label of ['environment=production', 'gpu']) expect(matches(host, { label })).toBe(true)
    for (const label of ['environment=prod', 'environment', 'gpu=1']) expect(matches(host, { label })).toBe(false)
  })

  it('filters by what the list calls its state', () => {
    expect(matches(testHost({ latency_ms: 5000 }), { state: 'slow' })).toBe(true)
    expect(matches(testHost({ latency_ms: 5000 }), { state: 'online' })).toBe(false)
  })

  it('offers each label once', () => {
    expect(allLabels([host, host, testHost({ labels: { a: '10', b: '9' } })])).toEqual(['a=10', 'b=9', 'environment=production', 'gpu'])
  })
})

describe('sorted', () => {
  const hosts = [testHost({ id: 'b-10', memory_bytes: 9 }), testHost({ id: 'b-9', memory_bytes: 10 }), testHost({ id: 'a', memory_bytes: null, state: 'offline' })]
  const ids = (...by: Parameters<typeof sorted> extends [unknown, ...infer Rest] ? Rest : never) => sorted(hosts, ...by).map(({ id }) => id)

  it('counts numbers, in names and in columns', () => {
    expect(ids('id', false)).toEqual(['a', 'b-9', 'b-10'])
    expect(ids('memory', false)).toEqual(['b-10', 'b-9', 'a'])
  })

  it('puts hosts of which nothing is known last, whichever way', () => {
    expect(ids('memory', true)).toEqual(['b-9', 'b-10', 'a'])
    expect(ids('state', true)).toEqual(['a', 'b-9', 'b-10'])
  })
})

it('puts a changed host into its place in the list', () => {
  const list = [testHost({ id: 'a' }), testHost({ id: 'c' })]
  expect(withHost(list, testHost({ id: 'b' })).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(withHost(list, testHost({ id: 'a', cpus: 1 })).map(({ cpus }) => cpus)).toEqual([1, 4])
})
