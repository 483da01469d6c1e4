import type { components } from './schema'

type ErrorBody = components['schemas']['ErrorBody']
export type FieldError = components['schemas']['FieldError']

/** An answer that is not a success, or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  readonly fields: FieldError[]
  /** What some codes say beside their message. */
  readonly details: Readonly<Record<string, unknown>>
  /** Whether something before Dockline answered, as a load balancer that has no replica yet: it knows nothing of what was asked for. */
  readonly foreign: boolean
  /** Seconds to wait before the next attempt, when the server named them. */
  readonly retryAfter: number | null

  constructor(status: number, body: Partial<ErrorBody>, retryAfter: number | null = null) {
    super(body.message ?? `The server answered with status ${status}.`)
    this.name = 'ApiError'
    this.status = status
    this.code = body.code ?? 'unknown'
    this.foreign = body.code === undefined
    this.requestId = body.request_id ?? null
    this.fields = body.fields ?? []
    this.details = body.details ?? {}
    this.retryAfter = retryAfter
  }

  static async from(response: Response, body?: unknown): Promise<ApiError> {
    const parsed = isErrorBody(body) ? body : await readBody(response)
    const seconds = Number(response.headers.get('retry-after'))
    return new ApiError(response.status, parsed, Number.isFinite(seconds) && seconds > 0 ? seconds : null)
  }

  static network(): ApiError {
    return new ApiError(0, {
      code: 'network',
      message: 'Dockline does not answer. Check your connection, or that the server is running.',
    })
  }
}

async function readBody(response: Response): Promise<Partial<ErrorBody>> {
  if (response.bodyUsed) return {}
  try {
    const body: unknown = await response.json()
    return isErrorBody(body) ? body : {}
  } catch {
    return {}
  }
}

export function isErrorBody(body: unknown): body is ErrorBody {
  return typeof body === 'object' && body !== null && 'code' in body && 'message' in body
}

/** What to tell a person about anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether asking again may help: no answer, or none of Dockline, an overloaded server, an engine that did not answer. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  return error.status === 0 || error.status === 429 || error.status >= 500 || error.foreign
}
