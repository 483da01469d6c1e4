/** Spans of time to look back over, by the name that stands in the address. */
export const PERIODS = [
  { value: '', label: 'Any time' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
  { value: '30d', label: 'Last 30 days' },
] as const

const HOURS: Record<string, number> = { '1h': 1, '24h': 24, '7d': 168, '30d': 720 }

/** When a period began; moments in the address are taken as they are. */
export function beginOf(period: string | undefined, now: number): string | undefined {
  if (period === undefined) return undefined
  const hours = HOURS[period]
  return hours === undefined ? period : new Date(now - hours * 3_600_000).toISOString()
}
