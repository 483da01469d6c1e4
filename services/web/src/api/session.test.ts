import { describe, expect, it, vi } from 'vitest'
import { ApiError } from './errors'
import { Session, type SessionParts, type SignedIn } from './session'

const USER = { id: 'u1', username: 'ada', role: 'admin' }
const signedIn = (token: string): SignedIn => ({ access_token: token, expires_in: 900, user: USER })

/** Tabs of one browser: a channel that reaches the others, and a lock that all of them share. */
function browser(answers: (() => Response | Promise<Response>)[]) {
  const tabs: { onmessage: ((event: MessageEvent) => void) | null }[] = []
  const fetcher = vi.fn<(path: string) => Promise<Response>>(async () => {
    const answer = answers.shift()
    if (answer === undefined) throw new Error('one request too many')
    return answer()
  })
  let queue: Promise<unknown> = Promise.resolve()
  let now = 0
  function tab(): Session {
    const channel: SessionParts['channel'] = {
      onmessage: null,
      postMessage: (data: unknown) => {
        for (const other of tabs) if (other !== channel) other.onmessage?.({ data } as MessageEvent)
      },
    }
    tabs.push(channel as (typeof tabs)[number])
    return new Session({
      fetch: fetcher as unknown as typeof fetch,
      now: () => now,
      exclusively: (task) => {
        const run = queue.then(task)
        queue = run.catch(() => undefined)
        return run
      },
      channel,
    })
  }
  return { tab, fetcher, wait: (ms: number) => (now += ms) }
}

const ok = (token: string) => () => Response.json(signedIn(token))
const refused = () => Response.json({ code: 'unauthenticated', message: 'Sign in.', request_id: 'r' }, { status: 401 })

describe('Session', () => {
  it('restores a session from the cookie once', async () => {
    const { tab, fetcher } = browser([ok('a')])
    const session = tab()
    expect(await session.restore()).toBe(true)
    expect(await session.restore()).toBe(true)
    expect(fetcher).toHaveBeenCalledTimes(1)
    expect(await session.accessToken()).toBe('a')
  })

  it('lets the exchange outlive its tab', async () => {
    const { tab, fetcher } = browser([ok('a')])
    await tab().restore()
    expect(fetcher).toHaveBeenCalledWith('/api/v1/auth/refresh', expect.objectContaining({ method: 'POST', keepalive: true }))
  })

  it('renews once for many callers at the same time', async () => {
    const { tab, fetcher } = browser([ok('b')])
    const session = tab()
    session.begin(signedIn('a'))
    const results = await Promise.all(Array.from({ length: 20 }, () => session.renew('a')))
    expect(results).toEqual(Array(20).fill(true))
    expect(fetcher).toHaveBeenCalledTimes(1)
  })

  it('renews once for two tabs at the same time', async () => {
    const { tab, fetcher } = browser([ok('b')])
    const [one, two] = [tab(), tab()]
    one.begin(signedIn('a'))
    expect(await two.accessToken()).toBe('a')
    await Promise.all([one.renew('a'), two.renew('a')])
    expect(fetcher).toHaveBeenCalledTimes(1)
    expect([await one.accessToken(), await two.accessToken()]).toEqual(['b', 'b'])
  })

  it('does nothing for a token that was replaced already', async () => {
    const { tab, fetcher } = browser([])
    const session = tab()
    session.begin(signedIn('b'))
    expect(await session.renew('a')).toBe(true)
    expect(fetcher).not.toHaveBeenCalled()
  })

  it('renews shortly before the token expires', async () => {
    const { tab, wait } = browser([ok('b')])
    const session = tab()
    session.begin(signedIn('a'))
    wait(860_000)
    expect(await session.accessToken()).toBe('a')
    wait(20_000)
    expect(await session.accessToken()).toBe('b')
  })

  it('ends when the server refuses the cookie', async () => {
    const { tab } = browser([refused])
    const session = tab()
    session.begin(signedIn('a'))
    expect(await session.renew('a')).toBe(false)
    expect(session.snapshot()).toEqual({ status: 'signed-out' })
  })

  it('does not end because the server cannot be reached', async () => {
    const { tab } = browser([() => Promise.reject(new TypeError('failed to fetch')), () => new Response('', { status: 503 })])
    const session = tab()
    session.begin(signedIn('a'))
    await expect(session.renew('a')).rejects.toMatchObject({ code: 'network' })
    await expect(session.renew('a')).rejects.toBeInstanceOf(ApiError)
    expect(session.snapshot().status).toBe('signed-in')
  })

  it('signs out every tab', async () => {
    const { tab, fetcher } = browser([() => new Response(null, { status: 204 })])
    const [one, two] = [tab(), tab()]
    const told = vi.fn()
    two.subscribe(told)
    one.begin(signedIn('a'))
    await one.signOut()
    expect(two.snapshot()).toEqual({ status: 'signed-out' })
    expect(await two.accessToken()).toBeNull()
    expect(told).toHaveBeenCalledTimes(2)
    expect(fetcher.mock.calls[0]?.[0]).toBe('/api/v1/auth/logout')
  })
})
