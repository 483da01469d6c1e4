import type { Schema } from '@/api/client'
import type { Connection, LiveSocket } from '@/api/ws/LiveSocket'
import { liveSocket } from '@/api/ws/connect'
import { sharedStreams } from '@/api/ws/shared'
import { eventFrame } from './frames'

export type EventRecord = Schema<'EventRecord'>

/** Something that makes lists on the page old. */
export type Change =
  | { kind: 'event'; event: EventRecord }
  | { kind: 'host'; host: string }
  /** Events may have been missed: everything is old. */
  | { kind: 'gap' }
  /** So many events came that the first of them will be forgotten here: who wants the past reads it again. */
  | { kind: 'many' }

const KEPT = 1000

/** The engine events of every host as they happen: one socket for all pages. */
export class EventFeed {
  private events: readonly EventRecord[] = []
  private connection: Connection = { phase: 'connecting' }
  private wasOpen = false
  private sinceMany = 0
  private readonly seen = new Set<string>()
  private readonly viewers = new Set<() => void>()
  private readonly watchers = new Set<(change: Change) => void>()
  private readonly socket: LiveSocket
  private scheduled = false

  constructor(connect: typeof liveSocket = liveSocket) {
    this.socket = connect({
      path: '/ws/events',
      query: () => ({}),
      onFrame: (data) => this.receive(data),
      onConnection: (connection) => this.connected(connection),
    })
    this.socket.start()
  }

  stop(): void {
    this.socket.stop()
  }

  readonly subscribe = (viewer: () => void): (() => void) => {
    this.viewers.add(viewer)
    return () => this.viewers.delete(viewer)
  }

  /** Called at once for every change, without waiting for the next frame on the screen. */
  watch(watcher: (change: Change) => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** The latest events, newest first. */
  readonly latest = (): readonly EventRecord[] => this.events

  readonly state = (): Connection => this.connection

  private receive(data: unknown): void {
    const frame = eventFrame(data)
    if (frame === null) return
    if (frame.type === 'event') this.add(frame.event)
    else if (frame.type === 'gap') this.announce({ kind: 'gap' })
    else this.announce({ kind: 'host', host: frame.host })
  }

  private add(event: EventRecord): void {
    if (this.seen.has(event.id)) return
    this.seen.add(event.id)
    this.events = [event, ...this.events.slice(0, KEPT - 1)]
    if (this.seen.size > 2 * KEPT) {
      this.seen.clear()
      for (const kept of this.events) this.seen.add(kept.id)
    }
    this.announce({ kind: 'event', event })
    this.sinceMany++
    if (this.sinceMany >= KEPT / 2) {
      this.sinceMany = 0
      this.announce({ kind: 'many' })
    }
    this.changed()
  }

  private connected(connection: Connection): void {
    this.connection = connection
    if (connection.phase === 'open') {
      // What happened while the socket was down came to nobody.
      if (this.wasOpen) this.announce({ kind: 'gap' })
      this.wasOpen = true
    }
    this.changed()
  }

  private announce(change: Change): void {
    for (const watcher of this.watchers) watcher(change)
  }

  /** Bursts of events are drawn once. */
  private changed(): void {
    if (this.scheduled) return
    this.scheduled = true
    setTimeout(() => {
      this.scheduled = false
      for (const viewer of this.viewers) viewer()
    }, 50)
  }
}

export const eventFeeds = sharedStreams(() => new EventFeed(), 2000)
