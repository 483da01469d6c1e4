import type { Schema } from '@/api/client'
import { matchesWords, sortedBy, type SortValue } from '@/format/sorting'
import type { Tone } from '@/ui/Status'

export type Container = Schema<'ContainerSummary'>

export const STATES = ['running', 'paused', 'restarting', 'created', 'exited', 'dead', 'removing'] as const

export type Action = 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'unpause'

/** In which states the engine accepts an action. */
const ACCEPTS: Record<Action, readonly string[]> = {
  start: ['created', 'exited', 'dead'],
  stop: ['running', 'restarting', 'paused'],
  restart: ['running', 'exited', 'paused', 'restarting'],
  kill: ['running', 'paused', 'restarting'],
  pause: ['running'],
  unpause: ['paused'],
}

export function accepts(state: string, action: Action): boolean {
  return ACCEPTS[action].includes(state)
}

/** The exit code: of a list's entry in the engine's words, `Exited (137) 5 minutes ago`. */
export function exitCode(container: Container & { exit_code?: number | null }): number | null {
  if (container.state === 'exited' && container.exit_code != null) return container.exit_code
  const found = container.state === 'exited' ? /\((\d+)\)/.exec(container.status) : null
  return found === null ? null : Number(found[1])
}

export function stateTone(container: Container): Tone {
  switch (container.state) {
    case 'running':
      return container.health === 'unhealthy' ? 'red' : container.health === 'starting' ? 'blue' : 'green'
    case 'restarting':
      return 'amber'
    case 'paused':
      return 'blue'
    case 'dead':
      return 'red'
    case 'exited':
      return (exitCode(container) ?? 0) === 0 ? 'grey' : 'red'
    default:
      return 'grey'
  }
}

/** The state, and the health where it says more. */
export function stateWord(container: Container): string {
  if (container.state === 'running' && container.health === 'unhealthy') return 'unhealthy'
  if (container.state === 'running' && container.health === 'starting') return 'starting'
  const code = exitCode(container)
  return code !== null && code !== 0 ? `exited ${code}` : container.state
}

/** Why somebody should look at a container; null when nobody needs to. */
export function attention(container: Container): string | null {
  if (container.state === 'running' && container.health === 'unhealthy') return 'Its health check fails.'
  if (container.state === 'restarting') return 'It ends and is started again and again.'
  if (container.state === 'dead') return 'The engine could not remove it.'
  const code = exitCode(container)
  if (code === null || code === 0) return null
  return code === 137 ? 'It was killed (exit code 137).' : `It ended with exit code ${code}.`
}

export interface ContainerFilter {
  q?: string
  state?: string
  host?: string
}

/** `state=attention` selects what `attention` names, `state=update` those of whose image there is a newer one. */
export function matches(container: Container, filter: ContainerFilter): boolean {
  if (filter.host !== undefined && container.host !== filter.host) return false
  if (filter.state === 'attention' && attention(container) === null) return false
  if (filter.state === 'update' && container.update?.available !== true) return false
  if (filter.state !== undefined && filter.state !== 'attention' && filter.state !== 'update' && container.state !== filter.state) return false
  return matchesWords(filter.q, [container.name, container.image, container.id, container.stack, ...labels(container)])
}

function labels(container: Container): string[] {
  return Object.entries(container.labels).map(([name, value]) => `${name}=${value}`)
}

export const SORT_KEYS = ['name', 'state', 'image', 'host', 'created'] as const
export type SortKey = (typeof SORT_KEYS)[number]

const READ: Record<SortKey, (container: Container) => SortValue> = {
  name: (container) => container.name,
  state: (container) => `${STATES.indexOf(container.state as (typeof STATES)[number])} ${stateWord(container)}`,
  image: (container) => container.image,
  host: (container) => container.host,
  created: (container) => container.created_at,
}

export function sorted(containers: readonly Container[], key: SortKey, descending: boolean): Container[] {
  return sortedBy(containers, READ[key], descending, ({ name }) => name)
}

/** `8080→80/tcp`; a published port once, though engines list it per address family. */
export function portTexts(container: Container): string[] {
  const texts = container.ports.map((port) => {
    const inside = `${port.container_port}/${port.protocol}`
    if (port.host_port === undefined || port.host_port === null) return inside
    const local = port.host_ip === '127.0.0.1' ? '127.0.0.1:' : ''
    return `${local}${port.host_port}→${inside}`
  })
  return [...new Set(texts)]
}

/** The same container may be on two hosts, where disks were cloned. */
export function keyOf({ host, id }: { host: string; id: string }): string {
  return `${host} ${id}`
}
