import type { Connection } from './LiveSocket'

/** What the server said last about the stream itself. */
export interface ServerState {
  state: 'live' | 'delayed' | 'ended'
  reason: string
}

/** The state of a stream as people see it: the connection's, and behind an open one the server's word. */
export type Condition =
  | { phase: 'connecting' | 'live' }
  | { phase: 'delayed' | 'ended' | 'lost'; reason: string }
  | { phase: 'reconnecting'; at: number; reason: string }

export function condition(connection: Connection, server: ServerState | null): Condition {
  if (connection.phase !== 'open') return connection
  if (server === null) return { phase: 'connecting' }
  return server.state === 'live' ? { phase: 'live' } : { phase: server.state, reason: server.reason }
}
