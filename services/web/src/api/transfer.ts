import { authorizedFetch } from './client'
import { ApiError } from './errors'

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

/** Sends a file as the body; what the server answers, as JSON. */
export async function upload<Answer>(url: URL, init: { method: 'POST' | 'PUT'; body: Blob; headers?: Record<string, string>; signal?: AbortSignal }): Promise<Answer> {
  const response = await authorizedFetch(new Request(url, init))
  if (!response.ok) throw await ApiError.from(response)
  return (await response.json()) as Answer
}
