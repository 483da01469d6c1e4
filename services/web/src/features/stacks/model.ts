import { ApiError } from '@/api/errors'
import { matchesWords, sortedBy, type SortValue } from '@/format/sorting'
import type { Mark } from '@/ui/code/marks'
import type { Tone } from '@/ui/Status'
import type { Action, Stack } from './api/stacks'

export type StackState = Stack['state']

export const STATES: readonly StackState[] = ['running', 'partial', 'stopped', 'absent']
export const WORDS: Record<StackState, string> = { running: 'Running', partial: 'Partly', stopped: 'Stopped', absent: 'Not deployed' }

export function toneOf({ state, unhealthy }: Pick<Stack, 'state' | 'unhealthy'>): Tone {
  if (unhealthy > 0) return 'red'
  return ({ running: 'green', partial: 'amber', stopped: 'grey', absent: 'grey' } as const)[state]
}

/** The state, and that something of it is ill where that says more. */
export function wordOf({ state, unhealthy }: Pick<Stack, 'state' | 'unhealthy'>): string {
  return unhealthy > 0 ? `${unhealthy} unhealthy` : WORDS[state]
}

const ACCEPTS: Record<Action, readonly StackState[]> = {
  start: ['partial', 'stopped'],
  stop: ['running', 'partial'],
  restart: ['running', 'partial', 'stopped'],
}

export function accepts({ state }: Pick<Stack, 'state'>, action: Action): boolean {
  return ACCEPTS[action].includes(state)
}

/** Whose file it is. */
export function makerOf({ managed, revision }: Pick<Stack, 'managed' | 'revision'>): string {
  if (!managed) return 'elsewhere'
  return revision == null ? 'Dockline' : `Dockline, revision ${revision}`
}

export interface StackFilter {
  q?: string
  host?: string
  state?: string
}

export function matches(stack: Stack, { q, host, state }: StackFilter): boolean {
  if (host !== undefined && stack.host !== host) return false
  if (state !== undefined && stack.state !== state) return false
  return matchesWords(q, [stack.name, ...stack.services])
}

export const SORT_KEYS = ['name', 'state', 'services', 'host', 'maker', 'updated'] as const
export type SortKey = (typeof SORT_KEYS)[number]

const READ: Record<SortKey, (stack: Stack) => SortValue> = {
  name: ({ name }) => name,
  state: (stack) => STATES.indexOf(stack.state),
  services: ({ services }) => services.length,
  host: ({ host }) => host,
  maker: (stack) => makerOf(stack),
  updated: ({ updated_at }) => updated_at,
}

export function sorted(stacks: readonly Stack[], key: SortKey, descending: boolean): Stack[] {
  return sortedBy(stacks, READ[key], descending, ({ name }) => name)
}

export function nameProblem(name: string): string | undefined {
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name) ? undefined : 'Use up to 63 small letters, digits, “_” or “-”, beginning with a letter or digit.'
}

/** What the Compose plugin found in a file, of an answer that refuses it. */
export function problemsIn(error: unknown): readonly Mark[] {
  if (!(error instanceof ApiError) || error.code !== 'invalid_compose') return []
  const problems = error.details.problems
  return Array.isArray(problems) ? (problems as Mark[]) : []
}

/** By what a file reaches its host, of an answer that refuses it. */
export function escapesIn(error: unknown): readonly string[] {
  if (!(error instanceof ApiError) || error.code !== 'host_escape') return []
  const reasons = error.details.reasons
  return Array.isArray(reasons) ? (reasons as string[]) : []
}
