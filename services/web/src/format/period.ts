/** Spans of time to look back over, by the name that stands in the address. */
export const PERIODS = [
  { value: '1h', label: 'Last hour' },
  { value: '6h', label: 'Last 6 hours' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
] as const

const HOUR_MS = 3_600_000
const HOURS: Record<string, number> = { '1h': 1, '6h': 6, '24h': 24, '7d': 168, '30d': 720 }

/** The length of a period; `undefined` for what names none. */
export function periodMs(period: string): number | undefined {
  const hours = HOURS[period]
  return hours === undefined ? undefined : hours * HOUR_MS
}

/** When a period began; moments in the address are taken as they are. */
export function beginOf(period: string | undefined, now: number): string | undefined {
  const length = period === undefined ? undefined : periodMs(period)
  return length === undefined ? period : new Date(now - length).toISOString()
}
