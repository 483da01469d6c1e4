import { LiveSocket, type Connection, type LiveSocketOptions, type LiveSocketParts } from './LiveSocket'

/** A WebSocket that a test opens, feeds and closes. */
export class FakeSocket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  closed = false
  readyState: number = WebSocket.CONNECTING
  /** What the page sent. */
  readonly sent: (string | Uint8Array)[] = []
  readonly url: URL

  constructor(url: string) {
    this.url = new URL(url, 'ws://dockline.test')
  }

  close(): void {
    this.closed = true
  }

  send(data: string | Uint8Array): void {
    this.sent.push(data)
  }

  opens(): void {
    this.readyState = WebSocket.OPEN
    this.onopen?.()
  }

  sends(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  sendsBytes(bytes: Uint8Array): void {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer })
  }

  closes(code: number, reason = ''): void {
    this.onclose?.({ code, reason })
  }
}

/** Stands in for `liveSocket`, and keeps every socket that was opened. */
export function fakeConnect(parts: Partial<LiveSocketParts> = {}) {
  const sockets: FakeSocket[] = []
  const states: Connection[] = []
  let tickets = 0
  const connect = (options: LiveSocketOptions) =>
    new LiveSocket(
      {
        ...options,
        onConnection: (connection) => {
          states.push(connection)
          options.onConnection(connection)
        },
      },
      {
        ticket: () => Promise.resolve(`t${++tickets}`),
        renew: () => Promise.resolve(true),
        open: (url) => {
          const socket = new FakeSocket(url)
          sockets.push(socket)
          return socket as unknown as WebSocket
        },
        random: () => 0.5,
        ...parts,
      },
    )
  return { connect, sockets, states, last: () => sockets.at(-1) ?? fail() }
}

function fail(): never {
  throw new Error('no socket was opened')
}
