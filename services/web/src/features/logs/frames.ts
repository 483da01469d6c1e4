import { z } from 'zod/mini'

const chunk = z.object({
  n: z.number(),
  s: z.number(),
  t: z.string(),
  d: z.optional(z.string()),
  b: z.optional(z.string()),
  p: z.optional(z.boolean()),
})

const log = z.object({ type: z.literal('log'), epoch: z.string(), chunks: z.array(chunk) })
const start = z.object({ type: z.literal('start'), epoch: z.string(), next: z.number(), oldest: z.number(), tty: z.boolean() })
const gap = z.object({ type: z.literal('gap'), from: z.number(), to: z.number(), reason: z.string(), epoch: z.string() })
const state = z.object({ type: z.literal('state'), state: z.enum(['live', 'delayed', 'ended']), reason: z.string() })
const error = z.object({ type: z.literal('error'), code: z.string(), message: z.string() })

/** The frames of `/ws/containers/{id}/logs`; others are ignored, as the contract asks. */
export const logFrame = z.discriminatedUnion('type', [log, start, gap, state, error])

export type LogFrame = z.infer<typeof logFrame>

const container = z.string()
const optional = z.optional(z.string())

/** The frames of `/ws/logs`: those of one log with the container that they are about, and who is in the view. */
export const mergedFrame = z.discriminatedUnion('type', [
  z.extend(log, { container }),
  z.extend(start, { container }),
  z.extend(gap, { container }),
  z.extend(state, { container }),
  z.extend(error, { container }),
  z.object({
    type: z.literal('part'),
    container,
    host: z.string(),
    name: optional,
    project: optional,
    service: optional,
    replaces: optional,
  }),
  z.object({ type: z.literal('end'), container, reason: z.string() }),
  z.object({ type: z.literal('stack'), stack: z.string(), state: z.enum(['live', 'delayed', 'ended']), reason: z.string() }),
])

export type MergedFrame = z.infer<typeof mergedFrame>
export type PartFrame = Extract<MergedFrame, { type: 'part' }>
