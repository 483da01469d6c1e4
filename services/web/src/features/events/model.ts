import type { Tone } from '@/ui/Status'
import type { EventFilter } from './api/events'
import type { EventRecord } from './EventFeed'

export const EVENT_KINDS = ['container', 'image', 'volume', 'network', 'daemon', 'host'] as const

/** Health checks and terminals make three events each: rarely what somebody looks for. */
export function isExec(event: EventRecord): boolean {
  return event.action.startsWith('exec_')
}

export function eventTone(event: EventRecord): Tone {
  const action = event.action
  if (action === 'oom' || action === 'kill' || action === 'offline' || action.endsWith('unhealthy')) return 'red'
  if (action === 'die') return event.attributes.exitCode === '0' ? 'grey' : 'red'
  if (action === 'start' || action === 'unpause' || action === 'online' || action === 'health_status: healthy') return 'green'
  if (action === 'restart' || action === 'pause' || action === 'stop' || action === 'gap') return 'amber'
  if (action === 'create' || action === 'pull' || action === 'connect' || action === 'mount') return 'blue'
  return 'grey'
}

/** Something went wrong, or was ended by force. */
export function isTrouble(event: EventRecord): boolean {
  return eventTone(event) === 'red'
}

/** The action as one word: without an exec's command line, and health by its result. */
export function actionWord(event: EventRecord): string {
  const [name = event.action, rest] = event.action.split(': ')
  return name === 'health_status' && rest !== undefined ? rest : name
}

export function actorName(event: EventRecord): string {
  if (event.actor.name !== '') return event.actor.name
  return /^[0-9a-f]{64}$/.test(event.actor.id) ? event.actor.id.slice(0, 12) : event.actor.id
}

/** Whether an event that came live belongs into a list with this filter, as the server would decide. */
export function matches(event: EventRecord, filter: EventFilter): boolean {
  if (filter.host !== undefined && event.host !== filter.host) return false
  if (filter.kind !== undefined && event.kind !== filter.kind) return false
  if (filter.action !== undefined && event.action !== filter.action) return false
  if (filter.actor !== undefined && !event.actor.id.startsWith(filter.actor)) return false
  // Times are texts of one form, in one zone.
  if (filter.since !== undefined && event.at < filter.since) return false
  if (filter.until !== undefined && event.at > filter.until) return false
  if (filter.q === undefined) return true
  const wanted = filter.q.toLowerCase()
  const texts = [event.action, event.actor.id, event.actor.name]
  return texts.some((text) => text.toLowerCase().includes(wanted))
}

/**
 * The live events and the kept ones as one list, each once, newest first. Where the history has more pages, live events
 * that are older than what was read of it wait for theirs, since there may be others between.
 */
export function merged(live: readonly EventRecord[], kept: readonly EventRecord[], more: boolean): EventRecord[] {
  const known = new Set(kept.map(({ id }) => id))
  const oldest = more ? (kept.at(-1)?.at ?? '') : ''
  const fresh = live.filter((event) => event.at >= oldest && !known.has(event.id)).sort(newestFirst)
  const result: EventRecord[] = []
  let next = 0
  for (const event of kept) {
    for (let other = fresh[next]; other !== undefined && newestFirst(other, event) < 0; other = fresh[++next]) result.push(other)
    result.push(event)
  }
  return [...result, ...fresh.slice(next)]
}

/** The order of the server's pages. */
function newestFirst(a: EventRecord, b: EventRecord): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1
}
