import { afterEach, describe, expect, it, vi } from 'vitest'
import { session } from '@/api/session'
import { castOf } from './recordings'

afterEach(() => vi.unstubAllGlobals())

/** A server that sends these bytes piece by piece, and hangs after them when it is told to. */
function serve(bytes: Uint8Array, piece: number, hangs = false): void {
  vi.spyOn(session, 'accessToken').mockResolvedValue('token')
  vi.stubGlobal('fetch', ({ signal }: Request) => {
    let at = 0
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
      pull: (controller) => {
        if (at < bytes.length) controller.enqueue(bytes.slice(at, (at += piece)))
        else if (hangs) return new Promise(() => undefined)
        else controller.close()
      },
    })
    return Promise.resolve(new Response(body))
  })
}

const text = '{"version":2,"width":80,"height":24}\n[1,"o","ä → 🚢"]\n'

describe('castOf', () => {
  it('gives the text as it comes, whatever characters the pieces cut', async () => {
    for (const piece of [1, 2, 3, 1000]) {
      serve(new TextEncoder().encode(text), piece)
      let got = ''
      for await (const part of castOf('id', new AbortController().signal)) got += part
      expect(got, `in pieces of ${piece}`).toBe(text)
    }
  })

  it('gives what has come before the rest has, and is stopped in the middle', async () => {
    serve(new TextEncoder().encode(text), 10, true)
    const stop = new AbortController()
    let got = ''
    const reading = (async () => {
      for await (const part of castOf('id', stop.signal)) got += part
    })()
    await vi.waitFor(() => expect(got).toBe(text))
    stop.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('says what the server says', async () => {
    vi.spyOn(session, 'accessToken').mockResolvedValue('token')
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ code: 'recording_not_found', message: 'There is none.' }, { status: 404 })))
    await expect(castOf('id', new AbortController().signal).next()).rejects.toMatchObject({ status: 404, message: 'There is none.' })
  })
})
