import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'

/** A reverse proxy that sends each request, and each WebSocket, to another server than the one before. */
export class RoundRobin {
  url = ''
  private readonly servers: string[] = []
  private turn = 0
  private readonly listener = createServer((incoming, answer) => this.forward(incoming, answer))

  static async listen(): Promise<RoundRobin> {
    const proxy = new RoundRobin()
    const { listener } = proxy
    listener.on('upgrade', (incoming, client, head) => proxy.forwardUpgrade(incoming, client, head))
    // A connection that is closed at the moment it is used again would be an error of the proxy alone.
    listener.keepAliveTimeout = 0
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    proxy.url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
    return proxy
  }

  add(server: string): void {
    this.servers.push(server)
  }

  remove(server: string): void {
    this.servers.splice(this.servers.indexOf(server), 1)
  }

  async close(): Promise<void> {
    const closed = once(this.listener, 'close')
    this.listener.close()
    this.listener.closeAllConnections()
    await closed
  }

  private next(): { host: string; port: number } {
    const server = this.servers[this.turn++ % this.servers.length]
    if (server === undefined) throw new Error('there is no server behind the proxy')
    const { hostname, port } = new URL(server)
    return { host: hostname, port: Number(port) }
  }

  private forward(incoming: IncomingMessage, answer: ServerResponse): void {
    // Each connection has two: how one is used says nothing about the other.
    const headers = { ...incoming.headers, connection: 'close', 'x-forwarded-for': incoming.socket.remoteAddress ?? '' }
    const outgoing = request({ ...this.next(), method: incoming.method, path: incoming.url, headers, agent: false }, (response) => {
      answer.writeHead(response.statusCode ?? 502, { ...response.headers, connection: 'keep-alive' })
      pipeline(response, answer, () => undefined)
    })
    outgoing.on('error', (error) => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end(error.message)))
    answer.on('close', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }

  private forwardUpgrade(incoming: IncomingMessage, client: Duplex, head: Buffer): void {
    const server = connect(this.next())
    const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`, `x-forwarded-for: ${incoming.socket.remoteAddress ?? ''}`]
    for (let i = 0; i < incoming.rawHeaders.length; i += 2) lines.push(`${incoming.rawHeaders[i]}: ${incoming.rawHeaders[i + 1]}`)
    server.write(`${lines.join('\r\n')}\r\n\r\n`)
    server.write(head)
    pipeline(client, server, client, () => undefined)
  }
}
