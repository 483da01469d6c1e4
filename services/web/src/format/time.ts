const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long, in its largest unit: `12 s`, `3 min`, `5 h`, `2 d`. */
export function duration(ms: number): string {
  const value = Math.max(0, ms)
  if (value < MINUTE) return `${Math.floor(value / SECOND)} s`
  if (value < HOUR) return `${Math.floor(value / MINUTE)} min`
  if (value < DAY) return `${Math.floor(value / HOUR)} h`
  return `${Math.floor(value / DAY)} d`
}

/** A length as players write it: `0:07`, `12:05`, `1:02:03`. */
export function playTime(seconds: number): string {
  const whole = Math.floor(Math.max(0, seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, '0')]
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, '0')}:${rest}`
}

/** `just now`, `3 min ago`; a clock that runs ahead of ours makes no future. */
export function ago(iso: string, now: number): string {
  const elapsed = now - Date.parse(iso)
  if (!Number.isFinite(elapsed)) return iso
  return elapsed < 10 * SECOND ? 'just now' : `${duration(elapsed)} ago`
}

/** `in 3 min`, or `now` when it is due. */
export function ahead(iso: string, now: number): string {
  const left = Date.parse(iso) - now
  if (!Number.isFinite(left)) return iso
  return left < SECOND ? 'now' : `in ${duration(left)}`
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
const DAY_AND_CLOCK = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

const DAY_ONLY = new Intl.DateTimeFormat('en-GB', { month: 'short', day: 'numeric' })

/** Local time of day with milliseconds: `14:03:07.123`. */
export function clockMs(iso: string): string {
  const ms = Date.parse(iso)
  if (!Number.isFinite(ms)) return ''
  return `${CLOCK.format(ms)}.${String(new Date(ms).getMilliseconds()).padStart(3, '0')}`
}

export function clock(ms: number): string {
  return CLOCK.format(ms)
}

/** Without seconds: `14:03`. */
export function clockMinute(ms: number): string {
  return CLOCK.format(ms).slice(0, 5)
}

/** `24 Nov`. */
export function day(ms: number): string {
  return DAY_ONLY.format(ms)
}

/** `24 Nov, 14:03 to 14:33`; with seconds where minutes do not tell the ends apart, and both days where they differ. */
export function spanText(fromMs: number, toMs: number): string {
  const whole = fromMs % MINUTE === 0 && toMs % MINUTE === 0
  const time = whole ? clockMinute : clock
  const end = day(fromMs) === day(toMs) ? time(toMs) : `${day(toMs)}, ${time(toMs)}`
  return `${day(fromMs)}, ${time(fromMs)} to ${end}`
}

/** Local date and time: `24 Nov 2026, 14:03:07`. */
export function dateTime(iso: string): string {
  const ms = Date.parse(iso)
  return Number.isFinite(ms) ? DAY_AND_CLOCK.format(ms) : iso
}
