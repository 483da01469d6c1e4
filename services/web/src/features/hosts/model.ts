import { matchesWords, sortedBy, type SortValue } from '@/format/sorting'
import type { Tone } from '@/ui/Status'
import type { Host } from './api/contract'
import { kindOf, type Kind } from './form/address'

/** An engine that takes longer than this to tell about itself makes every page wait. */
const SLOW_MS = 1000

export const CONDITIONS = ['online', 'slow', 'offline', 'disabled'] as const
export type Condition = (typeof CONDITIONS)[number]

export function conditionOf(host: Host): Condition {
  return host.state === 'online' && (host.latency_ms ?? 0) >= SLOW_MS ? 'slow' : host.state
}

export const TONES: Record<Condition, Tone> = { online: 'green', slow: 'amber', offline: 'red', disabled: 'grey' }
export const WORDS: Record<Condition, string> = { online: 'Online', slow: 'Slow', offline: 'Offline', disabled: 'Disabled' }

export const KIND_WORDS: Record<Kind, string> = { unix: 'Unix socket', tcp: 'Plain TCP', tls: 'Mutual TLS', ssh: 'SSH' }

/** What is the matter with a host, in words; null when nothing is. */
export function trouble(host: Host): string | null {
  switch (conditionOf(host)) {
    case 'offline':
      return sentence(host.error ?? 'the engine does not answer')
    case 'slow':
      return `The engine took ${(host.latency_ms ?? 0) / 1000} s to answer.`
    case 'disabled':
      return 'Disabled: Dockline does not ask its engine, and shows nothing of it.'
    default:
      return null
  }
}

/** The engine's own errors begin small and end without a full stop. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?…]$/.test(trimmed) ? '' : '.'}`
}

/** `key=value`, or the key alone where there is no value. */
export function labelText(key: string, value: string): string {
  return value === '' ? key : `${key}=${value}`
}

export function labelTexts(host: Host): string[] {
  return Object.entries(host.labels).map(([key, value]) => labelText(key, value))
}

/** The labels of all hosts, each once. */
export function allLabels(hosts: readonly Host[]): string[] {
  return [...new Set(hosts.flatMap(labelTexts))].sort()
}

export interface HostFilter {
  q?: string
  label?: string
  state?: string
}

export function matches(host: Host, { q, label, state }: HostFilter): boolean {
  if (state !== undefined && conditionOf(host) !== state) return false
  const labels = labelTexts(host)
  if (label !== undefined && !labels.includes(label)) return false
  return matchesWords(q, [host.id, host.address, host.engine_version, host.operating_system, KIND_WORDS[kindOf(host)], ...labels])
}

export const SORT_KEYS = ['id', 'state', 'engine', 'system', 'cpus', 'memory', 'images', 'latency'] as const
export type SortKey = (typeof SORT_KEYS)[number]

export function sorted(hosts: readonly Host[], key: SortKey, descending: boolean): Host[] {
  return sortedBy(hosts, READ[key], descending, ({ id }) => id)
}

const READ: Record<SortKey, (host: Host) => SortValue> = {
  id: (host) => host.id,
  state: (host) => CONDITIONS.indexOf(conditionOf(host)),
  engine: (host) => host.engine_version,
  system: (host) => host.operating_system,
  cpus: (host) => host.cpus,
  memory: (host) => host.memory_bytes,
  images: (host) => host.images,
  latency: (host) => host.latency_ms,
}
