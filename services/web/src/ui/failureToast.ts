import { ApiError, messageOf } from '@/api/errors'
import { toast } from './toast'

/** Failures stay until they are read; the request's ID leads to the server's log. */
export function failureToast(what: string, error: unknown): void {
  const request = error instanceof ApiError && error.requestId !== null ? `\nRequest ${error.requestId}` : ''
  toast.error(what, { description: messageOf(error) + request, duration: Infinity })
}
