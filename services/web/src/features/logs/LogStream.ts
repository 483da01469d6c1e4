import { containerGone } from '@/api/ws/containerGone'
import { condition, type Condition } from '@/api/ws/condition'
import type { Connection, LiveSocket } from '@/api/ws/LiveSocket'
import { liveSocket } from '@/api/ws/connect'
import { fromContainerKey, sharedStreams } from '@/api/ws/shared'
import { logFrame } from './frames'
import { LogSequence } from './LogSequence'
import { LogStore } from './LogStore'

/** Lines that the server delivers at once to a new viewer. */
const FIRST_LINES = '1000'

/** One container's log: the socket, and the lines received so far. */
export class LogStream {
  readonly store: LogStore
  private readonly log: LogSequence
  private readonly socket: LiveSocket
  private readonly listeners = new Set<() => void>()
  private connection: Connection = { phase: 'connecting' }
  private current: Condition = { phase: 'connecting' }

  constructor({ host, id }: { host: string; id: string }, connect: typeof liveSocket = liveSocket, store = new LogStore()) {
    this.store = store
    this.log = new LogSequence({
      line: (line, epoch) => store.append(line, epoch),
      open: (lines, epoch) => store.setOpen(lines, epoch),
      gap: (missing, reason) => store.gap(missing, reason),
      mark: (text) => store.mark(text),
      askAgain: () => this.socket.restart(),
    })
    this.socket = connect({
      path: `/ws/containers/${id}/logs`,
      query: () => ({ host, ...this.position() }),
      onFrame: (frame) => this.receive(frame),
      onConnection: (connection) => {
        this.connection = connection
        if (connection.phase !== 'open') this.log.disconnect()
        if (connection.phase === 'ended' || connection.phase === 'lost') this.log.finish()
        this.changed()
      },
      verify: () => containerGone(host, id),
    })
    this.socket.start()
  }

  stop(): void {
    this.socket.stop()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly condition = (): Condition => this.current

  private position(): Record<string, string> {
    const { position } = this.log
    return position === null ? { tail: FIRST_LINES } : { from: position }
  }

  private receive(data: unknown): void {
    const parsed = logFrame.safeParse(data)
    if (!parsed.success) return
    this.log.receive(parsed.data)
    if (parsed.data.type !== 'log') this.changed()
  }

  private changed(): void {
    const { failure, server } = this.log
    const gaveUp = this.connection.phase === 'ended' && failure !== null
    this.current = gaveUp ? { phase: 'lost', reason: failure } : condition(this.connection, server)
    for (const listener of this.listeners) listener()
  }
}

/** Going to another tab and back keeps the lines and the position. */
const LINGER_MS = 20_000

export const logStreams = sharedStreams((key) => new LogStream(fromContainerKey(key)), LINGER_MS)
