import { z } from 'zod'
import { liveSocket } from '@/api/ws/connect'
import type { LiveSocket } from '@/api/ws/LiveSocket'
import { sharedStreams } from '@/api/ws/shared'
import type { Job } from './api/jobs'

/** The frame is the job itself, as the API gives it: only that it is one is looked at here. */
const frame = z.looseObject({ type: z.literal('job'), id: z.string(), state: z.string(), progress: z.looseObject({ steps: z.array(z.unknown()) }) })

/** One job, live. */
export class JobStream {
  private readonly socket: LiveSocket
  private readonly listeners = new Set<() => void>()
  private current: Job | null = null

  constructor(id: string, connect: typeof liveSocket = liveSocket) {
    this.socket = connect({
      path: `/ws/jobs/${id}`,
      query: () => ({}),
      onFrame: (data) => {
        const parsed = frame.safeParse(data)
        if (!parsed.success) return
        this.current = parsed.data as unknown as Job
        for (const listener of this.listeners) listener()
      },
      onConnection: () => undefined,
    })
    this.socket.start()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Null until the server has sent it. */
  readonly job = (): Job | null => this.current

  stop(): void {
    this.socket.stop()
  }
}

const LINGER_MS = 2000

export const jobStreams = sharedStreams((id) => new JobStream(id), LINGER_MS)
