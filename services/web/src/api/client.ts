import createClient from 'openapi-fetch'
import { ApiError } from './errors'
import type { components, paths } from './schema'
import { session, type Session } from './session'

/** The JSON body of a name of the API's document. */
export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

/** Adds the access token; on 401 renews it once and tries again. */
export function authorized(session: Session, send: typeof fetch) {
  return async (request: Request): Promise<Response> => {
    const again = request.clone()
    const token = await session.accessToken()
    const response = await attempt(send, request, token)
    if (response.status !== 401 || token === null) return response
    if (!(await session.renew(token))) return response
    return attempt(send, again, await session.accessToken())
  }
}

async function attempt(send: typeof fetch, request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set('authorization', `Bearer ${token}`)
  try {
    return await send(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    throw ApiError.network()
  }
}

export const authorizedFetch = authorized(session, (...args) => fetch(...args))

export const api = createClient<paths>({ baseUrl: location.origin, fetch: authorizedFetch })

interface Answer<Data> {
  data?: Data
  error?: unknown
  response: Response
}

/** The answer's data; throws `ApiError` when it is not a success. */
export async function unwrap<Data>(answer: Promise<Answer<Data>>): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await answer
  if (!response.ok) throw await ApiError.from(response, error)
  return data as Exclude<Data, undefined>
}
