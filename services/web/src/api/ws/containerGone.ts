import { api } from '../client'
import { isErrorBody } from '../errors'
import { closing, type Closing } from './closing'

/** Browsers hide why a socket was refused; a container that is gone is not worth trying for ever. */
export async function containerGone(host: string, id: string): Promise<Closing | null> {
  const { response, error } = await api.GET('/api/v1/containers/{id}', { params: { path: { id }, query: { host } } })
  return response.status === 404 && isErrorBody(error) ? closing(4404, '') : null
}
