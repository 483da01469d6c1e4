import type { Schema } from '@/api/client'

export type EventFrame =
  | { type: 'event'; event: Schema<'EventRecord'> }
  | { type: 'gap' }
  | { type: 'state'; host: string }

/**
 * A frame of `/ws/events`; null for what this page does not know. Written out by hand, because every
 * page listens to events, and a library for it would be a tenth of what the first page loads.
 */
export function eventFrame(data: unknown): EventFrame | null {
  if (!isRecord(data)) return null
  const { type, host, id, at, kind, action, actor, attributes } = data
  if (type === 'gap') return { type }
  if (type === 'state') return typeof host === 'string' ? { type, host } : null
  if (type !== 'event' || !isRecord(actor)) return null
  if (!allText([id, host, at, kind, action, actor.id])) return null
  const texts = data as unknown as Schema<'EventRecord'>
  return {
    type,
    event: {
      id: texts.id,
      host: texts.host,
      at: texts.at,
      kind: texts.kind,
      action: texts.action,
      actor: { id: texts.actor.id, name: typeof actor.name === 'string' ? actor.name : '' },
      attributes: isRecord(attributes) && allText(Object.values(attributes)) ? texts.attributes : {},
    },
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function allText(values: unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}
