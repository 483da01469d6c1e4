import { api } from '../client'
import { isErrorBody } from '../errors'
import { closing, type Closing } from './closing'
import type { TerminalProgram } from './TerminalSocket'

/**
 * Why no terminal was opened in a container, which browsers keep to themselves; null while the server cannot be asked. A
 * program that does nothing is refused for the same reasons, and that answer can be read.
 */
export async function terminalRefused(host: string, id: string, { command, user, workdir }: TerminalProgram): Promise<Closing | null> {
  const params = { path: { id }, query: { host } }
  const { data, error, response } = await api.GET('/api/v1/containers/{id}', { params })
  if (response.status === 404 && isErrorBody(error)) return closing(4404, '')
  if (data === undefined) return null
  if (data.state !== 'running') return { kind: 'stopped', reason: `The container does not run: it is ${data.state}.` }
  const probe = await api.POST('/api/v1/containers/{id}/exec', {
    params,
    body: { cmd: command.length === 0 ? ['sh', '-c', ':'] : ['true'], user: user === '' ? null : user, working_dir: workdir === '' ? null : workdir, timeout_seconds: 5 },
  })
  if (isErrorBody(probe.error)) return { kind: 'stopped', reason: probe.error.message }
  if (probe.data === undefined) return null
  return { kind: 'stopped', reason: 'The server refused it: you may have too many terminals and live pages open.' }
}
