import { beforeEach, describe, expect, it, vi } from 'vitest'
import { authorized, unwrap } from './client'
import { ApiError } from './errors'
import { Session, type SignedIn } from './session'

const signedIn = (token: string): SignedIn => ({
  access_token: token,
  expires_in: 900,
  user: { id: 'u1', username: 'ada', role: 'admin' },
})

let session: Session
const refresh = vi.fn<() => Promise<Response>>()

beforeEach(() => {
  refresh.mockReset()
  session = new Session({
    fetch: refresh as unknown as typeof fetch,
    now: () => 0,
    exclusively: (task) => task(),
    channel: { postMessage: () => undefined, onmessage: null },
  })
  session.begin(signedIn('old'))
})

function server(accepted: string) {
  return vi.fn(async (input: RequestInfo | URL) => {
    const request = input as Request
    const valid = request.headers.get('authorization') === `Bearer ${accepted}`
    return valid ? Response.json({ echo: await request.text() }) : new Response('', { status: 401 })
  })
}

const request = () => new Request('http://dockline.test/api/v1/users', { method: 'POST', body: 'body' })

describe('authorized', () => {
  it('renews the token once and sends the same request again', async () => {
    refresh.mockResolvedValue(Response.json(signedIn('new')))
    const send = server('new')
    const response = await authorized(session, send)(request())
    expect(await response.json()).toEqual({ echo: 'body' })
    expect(send).toHaveBeenCalledTimes(2)
    expect(refresh).toHaveBeenCalledTimes(1)
  })

  it('gives up when the new token is refused too', async () => {
    refresh.mockResolvedValue(Response.json(signedIn('new')))
    const send = server('another')
    expect((await authorized(session, send)(request())).status).toBe(401)
    expect(send).toHaveBeenCalledTimes(2)
  })

  it('hands the refusal on when the session is over', async () => {
    refresh.mockResolvedValue(new Response('', { status: 401 }))
    const send = server('new')
    expect((await authorized(session, send)(request())).status).toBe(401)
    expect(send).toHaveBeenCalledTimes(1)
    expect(session.snapshot().status).toBe('signed-out')
  })

  it('says in words that the server does not answer', async () => {
    const send = vi.fn().mockRejectedValue(new TypeError('failed to fetch'))
    await expect(authorized(session, send)(request())).rejects.toMatchObject({ status: 0, code: 'network' })
  })
})

describe('unwrap', () => {
  it('turns an error body into an ApiError', async () => {
    const error = { code: 'too_many', message: 'Wait.', request_id: 'r1', fields: [] }
    const response = new Response('', { status: 429, headers: { 'retry-after': '7' } })
    const thrown = await unwrap(Promise.resolve({ error, response })).catch((reason: unknown) => reason)
    expect(thrown).toBeInstanceOf(ApiError)
    expect(thrown).toMatchObject({ code: 'too_many', message: 'Wait.', requestId: 'r1', retryAfter: 7 })
  })

  it('does not trust a body that is no error body', async () => {
    const response = new Response('<html>', { status: 502 })
    await expect(unwrap(Promise.resolve({ error: '<html>', response }))).rejects.toMatchObject({ status: 502, code: 'unknown' })
  })
})
