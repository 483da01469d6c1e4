import { describe, expect, it } from 'vitest'
import { cronText, PRESETS } from './cron'

describe('cronText', () => {
  it('says when', () => {
    expect(cronText('0 3 * * *')).toBe('At 03:00')
    expect(cronText('*/15 9-17 * * 1-5')).toBe('Every 15 minutes, between 09:00 and 17:59, Monday through Friday')
  })

  it.each(['', '* * * *', '61 * * * *', 'every day at 3'])('does not understand %j', (cron) => {
    expect(cronText(cron)).toBeNull()
  })

  it('understands every preset', () => {
    expect(PRESETS.filter(({ cron }) => cronText(cron) === null)).toEqual([])
  })
})
