import { api, unwrap } from '../client'
import { session } from '../session'
import { LiveSocket, type LiveSocketOptions } from './LiveSocket'

/** A live socket to the server that served this page. */
export function liveSocket(options: LiveSocketOptions): LiveSocket {
  return new LiveSocket(options, {
    ticket: async (path) => (await unwrap(api.POST('/api/v1/ws-tickets', { body: { path } }))).ticket,
    renew: async () => session.renew(await session.accessToken()),
    open: (path) => new WebSocket(new URL(path, location.href.replace(/^http/, 'ws'))),
    random: Math.random,
  })
}
