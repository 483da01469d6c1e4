import { authorizedFetch } from './client'
import { ApiError, isErrorBody } from './errors'
import { session } from './session'

/** The address of a file that the server streams. */
export function apiUrl(path: string, query: Record<string, string>): URL {
  return new URL(`${path}?${new URLSearchParams(query)}`, location.origin)
}

/** A file as the server streams it. */
export async function download(url: URL, signal?: AbortSignal): Promise<Response> {
  const response = await authorizedFetch(new Request(url, signal === undefined ? {} : { signal }))
  if (!response.ok) throw await ApiError.from(response)
  return response
}

export interface Upload {
  method: 'POST' | 'PUT'
  body: Blob
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
  /** Hears how much has been sent, from 0 to 1. */
  onProgress?: ((sent: number) => void) | undefined
}

/** Sends a file as the body; what the server answers, as JSON. */
export async function upload<Answer>(url: URL, what: Upload): Promise<Answer> {
  const token = await session.accessToken()
  what.signal?.throwIfAborted()
  const answer = await send(url, what, token)
  if (answer.status !== 401 || token === null || !(await session.renew(token))) return read(answer)
  return read(await send(url, what, await session.accessToken()))
}

interface SentAnswer {
  status: number
  text: string
  retryAfter: string | null
}

/** By the older of the browser's two ways, since `fetch` tells nothing of what it has sent. */
function send(url: URL, { method, body, headers = {}, signal, onProgress }: Upload, token: string | null): Promise<SentAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    if (token !== null) request.setRequestHeader('authorization', `Bearer ${token}`)
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total === 0 ? 1 : loaded / total)
    request.onload = () => resolve({ status: request.status, text: request.responseText, retryAfter: request.getResponseHeader('retry-after') })
    request.onerror = () => reject(ApiError.network())
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'))
    const stop = () => request.abort()
    signal?.addEventListener('abort', stop)
    request.onloadend = () => signal?.removeEventListener('abort', stop)
    request.send(body)
  })
}

function read<Answer>({ status, text, retryAfter }: SentAnswer): Answer {
  const body = parsed(text)
  if (status >= 200 && status < 300) return body as Answer
  const seconds = Number(retryAfter)
  throw new ApiError(status, isErrorBody(body) ? body : {}, seconds > 0 ? seconds : null)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
