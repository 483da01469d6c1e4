import { ApiError } from './errors'
import type { components } from './schema'

export type SignedIn = components['schemas']['SignedIn']
export type SessionUser = components['schemas']['SessionUser']

export type SessionState =
  | { status: 'unknown' }
  | { status: 'signed-in'; user: SessionUser }
  | { status: 'signed-out' }

type Message = { type: 'signed-in'; session: SignedIn } | { type: 'signed-out' }

/** The parts of the browser that a session needs, so that tests can stand in for them. */
export interface SessionParts {
  fetch: typeof fetch
  now: () => number
  /** Runs one task at a time among all tabs of this origin. */
  exclusively: <T>(task: () => Promise<T>) => Promise<T>
  channel: Pick<BroadcastChannel, 'postMessage' | 'onmessage'>
}

/** A token is renewed this long before it expires, so that requests do not fail first. */
const RENEW_EARLY_MS = 30_000

/**
 * Who is signed in. The access token lives here, in memory only; the refresh token in a cookie that
 * scripts cannot read. Tabs share sign-in and sign-out, and never renew at the same time: the server
 * takes a refresh token that is used twice for a stolen one.
 */
export class Session {
  private state: SessionState = { status: 'unknown' }
  private token: string | null = null
  private expiresAt = 0
  private renewal: Promise<boolean> | null = null
  private readonly listeners = new Set<() => void>()
  private readonly parts: SessionParts

  constructor(parts: SessionParts) {
    this.parts = parts
    parts.channel.onmessage = (event: MessageEvent<Message>) => {
      if (event.data.type === 'signed-in') this.adopt(event.data.session)
      else this.drop()
    }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly snapshot = (): SessionState => this.state

  /** Starts a session from the answer to a sign-in, in every tab. */
  begin(session: SignedIn): void {
    this.adopt(session)
    this.tell({ type: 'signed-in', session })
  }

  /** The access token, renewed when it is about to expire; null without a session. */
  async accessToken(): Promise<string | null> {
    if (this.token !== null && this.parts.now() > this.expiresAt - RENEW_EARLY_MS) await this.renew(this.token)
    return this.token
  }

  /** Finds out at the page's start whether the browser still holds a session. */
  async restore(): Promise<boolean> {
    if (this.state.status !== 'unknown') return this.state.status === 'signed-in'
    return this.renew(null)
  }

  /**
   * Exchanges the cookie for a new access token; false when the session is over. Callers that come
   * while one exchange is under way share it, and `stale` tells which token turned out useless: when
   * another tab has replaced it already, there is nothing to do.
   */
  renew(stale: string | null): Promise<boolean> {
    if (this.token !== stale) return Promise.resolve(this.token !== null)
    this.renewal ??= this.parts
      .exclusively(() => (this.token === stale ? this.exchange() : Promise.resolve(this.token !== null)))
      .finally(() => {
        this.renewal = null
      })
    return this.renewal
  }

  /** Ends the session at the server and in every tab. */
  async signOut(): Promise<void> {
    const token = this.token
    this.drop()
    this.tell({ type: 'signed-out' })
    const headers = token === null ? undefined : { authorization: `Bearer ${token}` }
    await this.parts.fetch('/api/v1/auth/logout', { method: 'POST', headers, credentials: 'same-origin' })
  }

  private async exchange(): Promise<boolean> {
    let response: Response
    try {
      // A tab that closes meanwhile would lose the new cookie, and the old one is not taken twice.
      response = await this.parts.fetch('/api/v1/auth/refresh', { method: 'POST', credentials: 'same-origin', keepalive: true })
    } catch {
      // Not reaching the server says nothing about the session.
      throw ApiError.network()
    }
    if (response.ok) {
      this.begin((await response.json()) as SignedIn)
      return true
    }
    if (response.status === 401 || response.status === 403) {
      this.drop()
      return false
    }
    throw await ApiError.from(response)
  }

  private adopt(session: SignedIn): void {
    this.token = session.access_token
    this.expiresAt = this.parts.now() + session.expires_in * 1000
    this.set({ status: 'signed-in', user: session.user })
  }

  private drop(): void {
    this.token = null
    this.set({ status: 'signed-out' })
  }

  private set(state: SessionState): void {
    this.state = state
    for (const listener of this.listeners) listener()
  }

  private tell(message: Message): void {
    this.parts.channel.postMessage(message)
  }
}

/** Web Locks exist in secure contexts only; elsewhere tabs renew on their own. */
function exclusively<T>(task: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks
  return locks === undefined ? task() : locks.request('dockline.session', task)
}

export const session = new Session({
  fetch: (...args) => fetch(...args),
  now: Date.now,
  exclusively,
  channel: new BroadcastChannel('dockline.session'),
})
