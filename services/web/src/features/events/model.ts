import type { Tone } from '@/ui/Status'
import type { EventFilter } from './api/events'
import type { EventRecord } from './EventFeed'

export const EVENT_KINDS = ['container', 'image', 'volume', 'network', 'daemon'] as const

/** Health checks and terminals make three events each: rarely what somebody looks for. */
export function isExec(event: EventRecord): boolean {
  return event.action.startsWith('exec_')
}

export function eventTone(event: EventRecord): Tone {
  const action = event.action
  if (action === 'oom' || action === 'kill' || action.endsWith('unhealthy')) return 'red'
  if (action === 'die') return event.attributes.exitCode === '0' ? 'grey' : 'red'
  if (action === 'start' || action === 'unpause' || action === 'health_status: healthy') return 'green'
  if (action === 'restart' || action === 'pause' || action === 'stop') return 'amber'
  if (action === 'create' || action === 'pull' || action === 'connect' || action === 'mount') return 'blue'
  return 'grey'
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
  if (filter.q === undefined) return true
  const wanted = filter.q.toLowerCase()
  const texts = [event.action, event.actor.id, event.actor.name]
  return texts.some((text) => text.toLowerCase().includes(wanted))
}

/** The live events before the kept ones, each once, newest first. */
export function merged(live: readonly EventRecord[], history: readonly EventRecord[]): EventRecord[] {
  const known = new Set<string>()
  return [...live, ...history]
    .filter((event) => !known.has(event.id) && known.add(event.id))
    .sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? 1 : -1))
}
