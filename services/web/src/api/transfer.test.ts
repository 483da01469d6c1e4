import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from './errors'
import { session } from './session'
import { upload } from './transfer'

interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** Requests that were sent, each answered with the next of these. */
let answers: (Answer | 'broken')[] = []
let sent: FakeRequest[] = []

class FakeRequest {
  readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {}
  readonly headers: Record<string, string> = {}
  status = 0
  responseText = ''
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  onloadend?: () => void
  private answer: Answer | 'broken' | undefined

  open(): void {
    sent.push(this)
    this.answer = answers.shift()
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value
  }

  getResponseHeader(name: string): string | null {
    return this.answer === 'broken' ? null : (this.answer?.headers?.[name] ?? null)
  }

  send(): void {
    // What has no answer hangs until it is stopped.
    if (this.answer === undefined) return
    this.upload.onprogress?.({ loaded: 1, total: 4 })
    if (this.answer === 'broken') this.onerror?.()
    else {
      this.status = this.answer.status
      this.responseText = JSON.stringify(this.answer.body ?? {})
      this.onload?.()
    }
    this.onloadend?.()
  }

  abort(): void {
    this.onabort?.()
    this.onloadend?.()
  }
}

beforeEach(() => {
  answers = []
  sent = []
  vi.stubGlobal('XMLHttpRequest', FakeRequest)
  vi.spyOn(session, 'accessToken').mockResolvedValueOnce('old').mockResolvedValue('new')
})
afterEach(() => vi.unstubAllGlobals())

const url = new URL('http://localhost/api/v1/x')
const what = () => ({ method: 'PUT' as const, body: new Blob(['x']), headers: { 'if-none-match': '*' } })

describe('upload', () => {
  it('sends the body with the token, tells how far it is, and gives the answer', async () => {
    answers = [{ status: 200, body: { entries: 3 } }]
    const told: number[] = []
    expect(await upload(url, { ...what(), onProgress: (share) => told.push(share) })).toEqual({ entries: 3 })
    expect(sent[0]?.headers).toEqual({ 'if-none-match': '*', authorization: 'Bearer old' })
    expect(told).toEqual([0.25])
  })

  it('renews an expired token once and sends again', async () => {
    const renew = vi.spyOn(session, 'renew').mockResolvedValue(true)
    answers = [{ status: 401 }, { status: 200, body: { bytes: 1 } }]
    expect(await upload(url, what())).toEqual({ bytes: 1 })
    expect(renew).toHaveBeenCalledWith('old')
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new'])
  })

  it('throws what the server says, and that it does not answer', async () => {
    answers = [{ status: 429, body: { code: 'busy', message: 'Later.' }, headers: { 'retry-after': '7' } }]
    await expect(upload(url, what())).rejects.toMatchObject({ status: 429, code: 'busy', message: 'Later.', retryAfter: 7 })
    answers = ['broken']
    await expect(upload(url, what())).rejects.toBeInstanceOf(ApiError)
  })

  it('is stopped', async () => {
    const stop = new AbortController()
    const going = upload(url, { ...what(), signal: stop.signal })
    await vi.waitFor(() => expect(sent).toHaveLength(1))
    stop.abort()
    await expect(going).rejects.toMatchObject({ name: 'AbortError' })
  })
})
