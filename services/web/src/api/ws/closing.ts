/** What a client does when its socket was closed; the table of codes is part of the public contract. */
export type Closing =
  | { kind: 'ended'; reason: string }
  | { kind: 'stopped'; reason: string }
  | { kind: 'reauthenticate' }
  | { kind: 'retry'; when: 'jitter' | 'backoff'; reason: string }
  | { kind: 'retry'; when: number; reason: string }

const STOPPED: Record<number, string> = {
  1009: 'A message was too large.',
  4400: 'The server could not understand the request.',
  4403: 'You have no permission to see this, or it was withdrawn.',
  4404: 'There is no such container.',
}

export function closing(code: number, reason: string): Closing {
  switch (code) {
    case 1000:
      return { kind: 'ended', reason }
    case 1009:
    case 4400:
    case 4403:
    case 4404:
      return { kind: 'stopped', reason: reason === '' ? (STOPPED[code] ?? '') : reason }
    case 4401:
      return { kind: 'reauthenticate' }
    case 1012:
      return { kind: 'retry', when: 'jitter', reason: 'the server is restarting' }
    case 4408:
      return { kind: 'retry', when: 'backoff', reason: 'no sign of life' }
    case 4413:
      return { kind: 'retry', when: 'backoff', reason: 'this viewer was too slow' }
    case 4429:
      return { kind: 'retry', when: secondsToWait(reason) * 1000, reason: reason === '' ? 'too many connections' : reason }
    default:
      return { kind: 'retry', when: 'backoff', reason: reason === '' ? 'the connection was lost' : reason }
  }
}

const DEFAULT_WAIT_S = 5

/** The reason names the limit, then the seconds to wait. */
export function secondsToWait(reason: string): number {
  const named = /retry[- ]after\D*(\d+)/i.exec(reason) ?? /(\d+)\D*$/.exec(reason)
  return named === null ? DEFAULT_WAIT_S : Math.min(600, Math.max(1, Number(named[1])))
}

const BASE_MS = 500
const CAP_MS = 15_000

/** Exponential backoff with full jitter: a thousand clients must not return in step. */
export function backoff(attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt))
}

/** How far clients of a restarting replica spread out. */
export function jitter(random: () => number): number {
  return Math.round(random() * 1000)
}
