import { z } from 'zod/mini'
import { containerGone } from '@/api/ws/containerGone'
import { condition, type Condition, type ServerState } from '@/api/ws/condition'
import type { Connection, LiveSocket } from '@/api/ws/LiveSocket'
import { liveSocket } from '@/api/ws/connect'
import { fromContainerKey, sharedStreams } from '@/api/ws/shared'

const optional = z.nullish(z.number())

const frame = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('stats'),
    at: z.string(),
    cpu_percent: optional,
    memory: z.nullish(z.object({ used: z.number(), limit: optional, percent: optional })),
    network: z.nullish(z.object({ rx_bytes: z.number(), tx_bytes: z.number(), rx_rate: optional, tx_rate: optional })),
    block: z.nullish(z.object({ read_bytes: z.number(), write_bytes: z.number(), read_rate: optional, write_rate: optional })),
    pids: optional,
  }),
  z.object({ type: z.literal('state'), state: z.enum(['live', 'delayed', 'ended']), reason: z.string() }),
])

type StatsFrame = Extract<z.infer<typeof frame>, { type: 'stats' }>

/** One measurement; null where nothing was measured. */
export interface Sample {
  /** Milliseconds since 1970. */
  at: number
  cpu: number | null
  memory: number | null
  memoryLimit: number | null
  memoryPercent: number | null
  received: number | null
  sent: number | null
  receivedRate: number | null
  sentRate: number | null
  read: number | null
  written: number | null
  readRate: number | null
  writtenRate: number | null
  pids: number | null
}

/** The longest window that can be looked at, and a little more. */
const KEPT_MS = 16 * 60_000

/** One container's resource use, once a second, kept outside React. */
export class StatsStream {
  private kept: readonly Sample[] = []
  private readonly socket: LiveSocket
  private readonly listeners = new Set<() => void>()
  private connection: Connection = { phase: 'connecting' }
  private server: ServerState | null = null
  private current: Condition = { phase: 'connecting' }

  constructor({ host, id }: { host: string; id: string }, connect: typeof liveSocket = liveSocket) {
    this.socket = connect({
      path: `/ws/containers/${id}/stats`,
      query: () => ({ host }),
      onFrame: (data) => this.receive(data),
      onConnection: (connection) => {
        this.connection = connection
        if (connection.phase !== 'open') this.server = null
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

  /** Oldest first. */
  readonly samples = (): readonly Sample[] => this.kept

  readonly condition = (): Condition => this.current

  private receive(data: unknown): void {
    const parsed = frame.safeParse(data)
    if (!parsed.success) return
    if (parsed.data.type === 'state') this.server = { state: parsed.data.state, reason: parsed.data.reason }
    else {
      this.server = { state: 'live', reason: '' }
      this.add(sample(parsed.data))
    }
    this.changed()
  }

  private add(next: Sample): void {
    const last = this.kept.at(-1)
    // After a reconnection the server may repeat the latest value.
    if (last !== undefined && next.at <= last.at) return
    const oldest = next.at - KEPT_MS
    this.kept = [...this.kept.filter((old) => old.at >= oldest), next]
  }

  private changed(): void {
    this.current = condition(this.connection, this.server)
    for (const listener of this.listeners) listener()
  }
}

function sample({ at, cpu_percent, memory, network, block, pids }: StatsFrame): Sample {
  return {
    at: Date.parse(at),
    cpu: cpu_percent ?? null,
    memory: memory?.used ?? null,
    memoryLimit: memory?.limit ?? null,
    memoryPercent: memory?.percent ?? null,
    received: network?.rx_bytes ?? null,
    sent: network?.tx_bytes ?? null,
    receivedRate: network?.rx_rate ?? null,
    sentRate: network?.tx_rate ?? null,
    read: block?.read_bytes ?? null,
    written: block?.write_bytes ?? null,
    readRate: block?.read_rate ?? null,
    writtenRate: block?.write_rate ?? null,
    pids: pids ?? null,
  }
}

/** Going to another tab and back keeps what was drawn. */
const LINGER_MS = 60_000

export const statsStreams = sharedStreams((key) => new StatsStream(fromContainerKey(key)), LINGER_MS)
