import { api } from '../client'
import { isErrorBody } from '../errors'
import { closing, type Closing } from './closing'

/** Why no terminal was opened in a container, as far as that can be found out; null while the server cannot be asked. */
export async function terminalRefused(host: string, id: string): Promise<Closing | null> {
  const { data, error, response } = await api.GET('/api/v1/containers/{id}', { params: { path: { id }, query: { host } } })
  if (response.status === 404 && isErrorBody(error)) return closing(4404, '')
  if (data === undefined) return null
  if (data.state !== 'running') return { kind: 'stopped', reason: `The container does not run: it is ${data.state}.` }
  return {
    kind: 'stopped',
    reason: 'The server refused it: there may be no shell in this container, too many terminals are open, or it reaches its host, which takes the permission host.escape.',
  }
}
