import { describe, expect, it } from 'vitest'
import { accepts, attention, exitCode, matches, portTexts, sorted, stateTone, stateWord, type Container } from './model'

const container = (more: Partial<Container> = {}): Container => ({
  id: 'ab'.repeat(32),
  name: 'web-1',
  host: 'local',
  image: 'shop/web:2',
  image_id: 'sha256:12',
  state: 'running',
  status: 'Up 3 hours',
  health: null,
  created_at: '2026-11-24T10:00:00Z',
  ports: [],
  labels: {},
  stack: null,
  ...more,
})

describe('state', () => {
  it.each([
    [{}, 'green', 'running', false],
    [{ health: 'unhealthy' }, 'red', 'unhealthy', true],
    [{ health: 'starting' }, 'blue', 'starting', false],
    [{ state: 'restarting', status: 'Restarting (1) 2 seconds ago' }, 'amber', 'restarting', true],
    [{ state: 'exited', status: 'Exited (0) 2 hours ago' }, 'grey', 'exited', false],
    [{ state: 'exited', status: 'Exited (137) 2 hours ago' }, 'red', 'exited 137', true],
    [{ state: 'paused' }, 'blue', 'paused', false],
    [{ state: 'dead', status: 'Dead' }, 'red', 'dead', true],
    [{ state: 'created', status: 'Created' }, 'grey', 'created', false],
  ] as const)('of %j', (more, tone, word, troubled) => {
    const it = container(more)
    expect([stateTone(it), stateWord(it), attention(it) !== null]).toEqual([tone, word, troubled])
  })

  it('offers what the engine accepts', () => {
    expect([accepts('exited', 'start'), accepts('running', 'start')]).toEqual([true, false])
    expect([accepts('running', 'pause'), accepts('paused', 'pause'), accepts('paused', 'unpause')]).toEqual([true, false, true])
  })

  it('knows an exit code only of an exited container', () => {
    expect(exitCode(container({ status: 'Up 3 hours (healthy)' }))).toBeNull()
    expect(exitCode({ ...container({ state: 'running', status: 'running' }), exit_code: 3 })).toBeNull()
    expect(exitCode({ ...container({ state: 'exited', status: 'exited' }), exit_code: 3 })).toBe(3)
  })
})

describe('matches', () => {
  const it1 = container({ stack: 'shop', labels: { tier: 'front' } })

  it('looks for every word, in name, image, labels, stack and ID', () => {
    for (const q of ['WEB', 'shop/web', 'tier=front', 'shop front', 'abab']) expect(matches(it1, { q })).toBe(true)
    expect(matches(it1, { q: 'web back' })).toBe(false)
  })

  it('filters by state, host and need', () => {
    expect(matches(it1, { state: 'running', host: 'local' })).toBe(true)
    expect(matches(it1, { state: 'paused' })).toBe(false)
    expect(matches(it1, { state: 'attention' })).toBe(false)
    expect(matches(container({ health: 'unhealthy' }), { state: 'attention' })).toBe(true)
  })
})

describe('sorted', () => {
  it('counts numbers in names', () => {
    const names = ['web-10', 'web-9', 'api'].map((name) => container({ name }))
    expect(sorted(names, 'name', false).map(({ name }) => name)).toEqual(['api', 'web-9', 'web-10'])
    expect(sorted(names, 'name', true).map(({ name }) => name)).toEqual(['web-10', 'web-9', 'api'])
  })
})

describe('portTexts', () => {
  it('shows a port once for both address families', () => {
    const port = { container_port: 80, protocol: 'tcp' }
    const ports = [
      { ...port, host_port: 8080, host_ip: '0.0.0.0' },
      { ...port, host_port: 8080, host_ip: '::' },
      { ...port, host_port: 9090, host_ip: '127.0.0.1' },
      { container_port: 53, protocol: 'udp', host_port: null, host_ip: null },
    ]
    expect(portTexts(container({ ports }))).toEqual(['8080→80/tcp', '127.0.0.1:9090→80/tcp', '53/udp'])
  })
})
