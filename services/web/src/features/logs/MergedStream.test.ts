import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeConnect } from '@/api/ws/FakeSocket'
import { LogStore } from './LogStore'
import { MergedStream } from './MergedStream'
import { Merger } from './Merger'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const C = 'c'.repeat(64)

let stream: MergedStream | null = null

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  stream?.stop()
  vi.useRealTimers()
})

async function watch(selection: Parameters<MergedStream['select']>[0]) {
  const fake = fakeConnect()
  const store = new LogStore(1000, (task) => task())
  const watched = new MergedStream(fake.connect, store, new Merger(() => Date.now()))
  stream = watched
  watched.select(selection)
  await vi.advanceTimersByTimeAsync(0)
  const sends = (frame: object) => fake.last().sends(frame)
  return {
    ...fake,
    store,
    watched,
    sends,
    part: (container: string, name: string, more: object = {}) => sends({ type: 'part', container, host: 'local', name, ...more }),
    begin: (container: string, next = 1, epoch = 'e') => {
      sends({ type: 'start', container, epoch, tty: false, oldest: 1, next })
      sends({ type: 'state', container, state: 'live', reason: '' })
    },
    log: (container: string, n: number, second: number, epoch = 'e') =>
      sends({ type: 'log', container, epoch, chunks: [{ n, s: 1, t: `2026-11-24T10:00:${String(second).padStart(2, '0')}.000000000Z`, d: `${container[0]}${n}\n` }] }),
    settle: () => vi.advanceTimersByTimeAsync(500),
    reconnect: async () => {
      fake.last().closes(1006)
      await vi.advanceTimersByTimeAsync(500)
      fake.last().opens()
    },
    asked: (name: string) => fake.last().url.searchParams.getAll(name),
    places: () => watched.places().map(({ name, phase }) => `${name} ${phase}`),
    rows: () =>
      Array.from({ length: store.end - store.first }, (_, index) => {
        const row = store.at(store.first + index)
        return `${row?.place?.name}: ${row?.kind === 'gap' ? `gap ${row.missing}` : row?.text}`
      }),
  }
}

const TWO = { containers: [{ host: 'local', id: 'aaaaaaaaaaaa' }, { host: null, id: B }], stacks: [] }

describe('MergedStream', () => {
  it('shows the lines of all in the order of their times, and resumes each at its own position', async () => {
    const view = await watch(TWO)
    expect(view.last().url.pathname).toBe('/ws/logs')
    expect([view.asked('container'), view.asked('from'), view.asked('tail')]).toEqual([['local/aaaaaaaaaaaa', B], [], ['300']])
    view.last().opens()
    view.part(A, 'web')
    view.part(B, 'db')
    view.begin(A)
    view.begin(B)
    view.log(A, 1, 2)
    view.log(B, 1, 1)
    view.log(B, 2, 3)
    await view.settle()
    expect(view.rows()).toEqual(['db: b1', 'web: a1', 'db: b2'])
    expect(view.watched.condition()).toEqual({ phase: 'live' })

    await view.reconnect()
    expect(view.asked('container')).toEqual([`local/${A}`, `local/${B}`])
    expect(view.asked('from')).toEqual([`${A}=e:1`, `${B}=e:2`])
    expect(view.places()).toEqual(['web connecting', 'db connecting'])
    view.part(A, 'web')
    view.begin(A, 2)
    view.log(A, 1, 2)
    view.log(A, 2, 4)
    await view.settle()
    expect(view.rows().slice(3)).toEqual(['web: a2'])
    expect(view.store.at(0)?.place?.hue).not.toBe(view.store.at(1)?.place?.hue)
  })

  it('goes on with the others when one ends, fails or is missing, and asks no more for it', async () => {
    const view = await watch({ containers: [...TWO.containers, { host: null, id: 'cccccccccccc' }], stacks: [] })
    view.last().opens()
    view.part(A, 'web')
    view.part(B, 'db')
    view.sends({ type: 'error', container: 'cccccccccccc', code: 'container_not_found', message: 'there is no such container' })
    view.sends({ type: 'end', container: 'cccccccccccc', reason: 'failed' })
    view.begin(A)
    view.begin(B)
    view.log(A, 1, 1)
    view.sends({ type: 'state', container: A, state: 'ended', reason: 'the container was removed' })
    view.sends({ type: 'end', container: A, reason: 'removed' })
    view.sends({ type: 'gap', container: B, from: 1, to: 4, reason: 'rotated', epoch: 'e' })
    view.log(B, 5, 2)
    await view.settle()
    expect(view.places()).toEqual(['web over', 'db live', 'cccccccccccc failed'])
    expect([...view.rows()].sort()).toEqual([
      'cccccccccccc: there is no such container',
      'db: b5',
      'db: gap 4',
      'web: The container stopped: the container was removed',
      'web: a1',
    ])
    await view.reconnect()
    expect(view.asked('container')).toEqual([`local/${B}`])
    expect(view.asked('from')).toEqual([`${B}=e:5`])
  })

  it('takes in who comes to a stack, in the place of whom it replaces', async () => {
    const view = await watch({ containers: [], stacks: ['local/shop'] })
    expect([view.asked('stack'), view.asked('tail')]).toEqual([['local/shop'], ['300']])
    view.last().opens()
    view.part(A, 'shop-web-1', { project: 'shop', service: 'web' })
    view.sends({ type: 'stack', stack: 'local/shop', state: 'live', reason: '' })
    view.begin(A)
    view.log(A, 1, 1)
    view.part(B, '0f_shop-web-1', { project: 'shop', service: 'web', replaces: A })
    view.begin(B)
    view.log(B, 1, 2)
    view.sends({ type: 'end', container: A, reason: 'removed' })
    view.part(B, 'shop-web-1', { project: 'shop', service: 'web' })
    await view.settle()
    expect(view.places()).toEqual(['shop-web-1 live'])
    expect(view.rows()).toEqual(['shop-web-1: a1', 'shop-web-1: Recreated: the log goes on in the new container.', 'shop-web-1: b1'])

    // Recreated again while there was no connection: the server cannot know, the name tells.
    await view.reconnect()
    expect([view.asked('from'), view.asked('tail')]).toEqual([[`${B}=e:1`], ['all']])
    view.sends({ type: 'end', container: B, reason: 'removed' })
    view.part(C, 'shop-web-1', { project: 'shop', service: 'web' })
    view.begin(C)
    view.log(C, 1, 3)
    await view.settle()
    expect(view.places()).toEqual(['shop-web-1 live'])
    expect(view.rows().slice(3)).toEqual(['shop-web-1: The container was removed.', 'shop-web-1: Recreated: the log goes on in the new container.', 'shop-web-1: c1'])
  })

  it('takes nobody for a newcomer until the stack was live once', async () => {
    const view = await watch({ containers: [], stacks: ['local/shop', 'other/shop'] })
    view.last().opens()
    view.part(A, 'shop-web-1', { project: 'shop' })
    view.begin(A)
    view.log(A, 1, 1)
    view.sends({ type: 'stack', stack: 'local/shop', state: 'live', reason: '' })
    view.sends({ type: 'stack', stack: 'other/shop', state: 'delayed', reason: 'its host does not answer' })
    await view.reconnect()
    expect(view.asked('tail'), 'the containers of the other are not known yet').toEqual(['300'])

    view.sends({ type: 'stack', stack: 'other/shop', state: 'live', reason: '' })
    view.sends({ type: 'stack', stack: 'other/shop', state: 'delayed', reason: 'its host does not answer' })
    await view.reconnect()
    expect(view.asked('tail'), 'they are known, whatever its host is like now').toEqual(['all'])

    view.watched.select({ containers: [{ host: 'local', id: C }], stacks: ['local/shop', 'other/shop'] })
    await vi.advanceTimersByTimeAsync(0)
    expect(view.asked('tail'), 'one that is added by hand comes with its last lines').toEqual(['300'])

    view.watched.select({ containers: [], stacks: ['local/shop'] })
    view.watched.select({ containers: [], stacks: ['local/shop', 'other/shop'] })
    await vi.advanceTimersByTimeAsync(0)
    expect(view.asked('tail'), 'one that was taken out is asked for anew').toEqual(['300'])
  })

  it('shows the beginning of a line whose end never comes', async () => {
    const view = await watch(TWO)
    const half = (container: string, n: number, text: string) =>
      view.sends({ type: 'log', container, epoch: 'e', chunks: [{ n, s: 1, t: `2026-11-24T10:00:0${n}.000000000Z`, d: text, p: true }] })
    view.last().opens()
    view.part(A, 'web')
    view.part(B, 'db')
    view.begin(A)
    view.begin(B)
    half(A, 1, 'half of a')
    half(B, 2, 'half of b')
    view.sends({ type: 'end', container: A, reason: 'removed' })
    view.sends({ type: 'error', container: B, code: 'engine_unreachable', message: 'the engine does not answer' })
    view.sends({ type: 'end', container: B, reason: 'failed' })
    await view.settle()
    expect(view.rows()).toEqual(['db: the engine does not answer', 'web: half of a'])
    expect(view.store.at(1)).toMatchObject({ kind: 'line', truncated: true })
    expect(view.store.open, 'what failed for a while only may still get its end').toMatchObject([{ text: 'half of b' }])
  })

  it('keeps what it has when the selection changes', async () => {
    const view = await watch(TWO)
    view.last().opens()
    view.part(A, 'web')
    view.part(B, 'db')
    view.begin(A)
    view.begin(B)
    view.log(A, 1, 1)
    await view.settle()
    view.watched.select({ containers: [{ host: 'local', id: 'aaaaaaaaaaaa' }], stacks: [] })
    await vi.advanceTimersByTimeAsync(0)
    expect([view.asked('container'), view.asked('from')]).toEqual([[`local/${A}`], [`${A}=e:1`]])
    expect([view.places(), view.watched.hasOthers(), view.rows()]).toEqual([['web connecting'], true, ['web: a1']])
    view.watched.select({ containers: [{ host: null, id: C }], stacks: [] })
    expect(view.rows()).toEqual([])
  })

  it('goes on behind the last line of a log that is taken out and added again', async () => {
    const view = await watch(TWO)
    const fewer = { containers: [{ host: null, id: B }], stacks: [] }
    view.last().opens()
    view.part(A, 'web')
    view.part(B, 'db')
    view.begin(A)
    view.begin(B)
    view.log(A, 1, 1)
    view.log(B, 1, 2)
    await view.settle()
    view.watched.select(fewer)
    await vi.advanceTimersByTimeAsync(0)
    expect([view.places(), view.watched.hasOthers()]).toEqual([['db connecting'], true])
    view.watched.select(TWO)
    await vi.advanceTimersByTimeAsync(0)
    expect(view.asked('from').sort()).toEqual([`${A}=e:1`, `${B}=e:1`])
    view.last().opens()
    view.part(A, 'web')
    view.begin(A, 2)
    view.log(A, 1, 1)
    view.log(A, 2, 3)
    await view.settle()
    expect(view.rows()).toEqual(['web: a1', 'db: b1', 'web: a2'])
    expect([view.store.at(2)?.place?.key, view.watched.hasOthers()]).toEqual([view.store.at(0)?.place?.key, false])

    // With the rows the positions go.
    view.watched.select(fewer)
    view.watched.select({ containers: [{ host: null, id: C }], stacks: [] })
    view.watched.select(TWO)
    await vi.advanceTimersByTimeAsync(0)
    expect([view.rows(), view.asked('from')]).toEqual([[], []])
  })

  it('asks again for what failed for a while only', async () => {
    const view = await watch({ containers: [{ host: 'local', id: 'aaaaaaaaaaaa' }], stacks: [] })
    view.last().opens()
    view.sends({ type: 'error', container: 'aaaaaaaaaaaa', code: 'engine_unreachable', message: 'the engine does not answer' })
    view.sends({ type: 'end', container: 'aaaaaaaaaaaa', reason: 'failed' })
    expect(view.places()).toEqual(['aaaaaaaaaaaa failed'])
    view.last().closes(1000)
    await vi.advanceTimersByTimeAsync(10_100)
    expect(view.asked('container')).toEqual(['local/aaaaaaaaaaaa'])
    view.last().opens()
    view.part(A, 'web')
    view.begin(A)
    view.log(A, 1, 1)
    expect(view.places()).toEqual(['web live'])

    // Once there are lines, it goes on behind them.
    view.sends({ type: 'error', container: A, code: 'too_many_connections', message: 'too many' })
    view.sends({ type: 'end', container: A, reason: 'failed' })
    view.last().closes(1000)
    await vi.advanceTimersByTimeAsync(10_100)
    expect([view.asked('container'), view.asked('from')]).toEqual([[`local/${A}`], [`${A}=e:1`]])
  })

  it('asks again for what failed for a while only when the selection changes before', async () => {
    const view = await watch(TWO)
    view.last().opens()
    view.part(A, 'web')
    view.part(B, 'db')
    view.begin(A)
    view.begin(B)
    view.log(A, 1, 1)
    view.sends({ type: 'error', container: A, code: 'engine_unreachable', message: 'the engine does not answer' })
    view.sends({ type: 'end', container: A, reason: 'failed' })
    view.watched.select({ containers: [...TWO.containers, { host: null, id: C }], stacks: [] })
    await vi.advanceTimersByTimeAsync(0)
    expect([view.asked('container'), view.asked('from')]).toEqual([[`local/${A}`, `local/${B}`, C], [`${A}=e:1`]])
  })
})
