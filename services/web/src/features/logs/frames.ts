import { z } from 'zod/mini'

const chunk = z.object({
  n: z.number(),
  s: z.number(),
  t: z.string(),
  d: z.optional(z.string()),
  b: z.optional(z.string()),
  p: z.optional(z.boolean()),
})

/** The frames of `/ws/containers/{id}/logs`; others are ignored, as the contract asks. */
export const logFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('log'), epoch: z.string(), chunks: z.array(chunk) }),
  z.object({ type: z.literal('start'), epoch: z.string(), next: z.number(), oldest: z.number(), tty: z.boolean() }),
  z.object({ type: z.literal('gap'), from: z.number(), to: z.number(), reason: z.string(), epoch: z.string() }),
  z.object({ type: z.literal('state'), state: z.enum(['live', 'delayed', 'ended']), reason: z.string() }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string() }),
])
