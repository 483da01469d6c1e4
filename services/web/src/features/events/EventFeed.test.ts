import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeConnect } from '@/api/ws/FakeSocket'
import { EventFeed, type Change } from './EventFeed'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const frame = (id: number) => ({
  type: 'event',
  id: String(id),
  host: 'local',
  at: new Date(id * 1000).toISOString(),
  kind: 'container',
  action: 'start',
  actor: { id: 'ab', name: 'web' },
  attributes: {},
})

async function opened() {
  const fake = fakeConnect()
  const feed = new EventFeed(fake.connect)
  const changes: Change['kind'][] = []
  feed.watch(({ kind }) => changes.push(kind))
  await vi.advanceTimersByTimeAsync(0)
  fake.last().opens()
  return { fake, feed, changes }
}

describe('EventFeed', () => {
  it('keeps the latest events, each once, newest first', async () => {
    const { fake, feed } = await opened()
    for (const id of [1, 2, 2, 3]) fake.last().sends(frame(id))
    expect(feed.latest().map(({ id }) => id)).toEqual(['3', '2', '1'])
    for (let id = 4; id <= 1500; id++) fake.last().sends(frame(id))
    expect(feed.latest()).toHaveLength(1000)
    feed.stop()
  })

  it('has the past read again before it forgets what came since', async () => {
    const { fake, feed, changes } = await opened()
    for (let id = 1; id < 500; id++) fake.last().sends(frame(id))
    expect(changes).not.toContain('many')
    for (let id = 500; id <= 1000; id++) fake.last().sends(frame(id))
    expect(changes.filter((kind) => kind === 'many')).toHaveLength(2)
    expect(feed.latest().at(-1)?.id, 'nothing is forgotten so far').toBe('1')
    feed.stop()
  })

  it('says that events may have been missed when the socket was away', async () => {
    const { fake, feed, changes } = await opened()
    expect(changes).toEqual([])
    fake.last().closes(1006)
    await vi.advanceTimersByTimeAsync(60_000)
    fake.last().opens()
    expect(changes).toEqual(['gap'])
    feed.stop()
  })
})
