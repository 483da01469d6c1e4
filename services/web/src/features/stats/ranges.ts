/** How far back charts reach, by the name that stands in the address, and how finely: about as finely as a screen shows. */
export const RANGES = [
  { value: '1h', label: '1 h', hours: 1, step: '1s', stepMs: 1000 },
  { value: '6h', label: '6 h', hours: 6, step: '10s', stepMs: 10_000 },
  { value: '24h', label: '24 h', hours: 24, step: '1m', stepMs: 60_000 },
  { value: '14d', label: '14 d', hours: 14 * 24, step: '1m', stepMs: 60_000 },
] as const

export type Range = (typeof RANGES)[number]

export function rangeMs({ hours }: Range): number {
  return hours * 3_600_000
}
