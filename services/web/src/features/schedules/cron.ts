import cronstrue from 'cronstrue'

/** Times that are wanted often. */
export const PRESETS: readonly { cron: string; label: string }[] = [
  { cron: '0 * * * *', label: 'Every hour' },
  { cron: '0 */6 * * *', label: 'Every 6 hours' },
  { cron: '0 3 * * *', label: 'Every night at 3' },
  { cron: '0 3 * * 1-5', label: 'On weekdays at 3' },
  { cron: '0 3 * * 0', label: 'On Sundays at 3' },
  { cron: '0 3 1 * *', label: 'On the 1st of each month' },
]

/** A cron expression in words; null where it is none. */
export function cronText(cron: string): string | null {
  if (cron.trim().split(/\s+/).length !== 5) return null
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true, verbose: false })
  } catch {
    return null
  }
}
