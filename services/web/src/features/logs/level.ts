export const LEVELS = ['error', 'warn', 'info', 'debug', 'other'] as const

export type Level = (typeof LEVELS)[number]

const WORDS: Record<string, Level> = {
  emerg: 'error',
  emergency: 'error',
  alert: 'error',
  crit: 'error',
  critical: 'error',
  fatal: 'error',
  panic: 'error',
  severe: 'error',
  err: 'error',
  error: 'error',
  warn: 'warn',
  warning: 'warn',
  notice: 'info',
  info: 'info',
  information: 'info',
  debug: 'debug',
  trace: 'debug',
  verbose: 'debug',
}

const ANY = Object.keys(WORDS)
  .sort((a, b) => b.length - a.length)
  .join('|')

/** `"level":"warn"`, `level=warn`, `severity: WARNING`, and the numbers of pino and bunyan. */
const FIELD = /["']?\b(?:level|lvl|severity|levelname|log\.level)["']?\s*[:=]\s*["']?([a-z]+|\d{2})\b/i
/** A level in capitals anywhere near the beginning. */
const CAPITALS = new RegExp(`\\b(${ANY.toUpperCase()})\\b`)
/** `[warn]`, `<error>`, `warn:`, `|info|` in any case. */
const MARKED = new RegExp(`(?:^|[\\s[(<|])(${ANY})(?= ?[\\])>|:])`, 'i')
/** Kubernetes' own format: `E1124 10:00:00.000000`. */
const KLOG = /^([IWEF])\d{4} \d{2}:/
const KLOG_LEVEL: Record<string, Level> = { I: 'info', W: 'warn', E: 'error', F: 'error' }

/** Further right, the words belong to the message. */
const LOOKED_AT = 240

/** How serious a line says that it is; for text without colour sequences. */
export function detectLevel(text: string): Level {
  const head = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text
  const field = FIELD.exec(head)?.[1]
  const named = field === undefined ? undefined : (WORDS[field.toLowerCase()] ?? numeric(field))
  if (named !== undefined) return named
  const klog = KLOG.exec(head)?.[1]
  if (klog !== undefined) return KLOG_LEVEL[klog] ?? 'other'
  const word = CAPITALS.exec(head)?.[1] ?? MARKED.exec(head)?.[1]
  return word === undefined ? 'other' : (WORDS[word.toLowerCase()] ?? 'other')
}

function numeric(field: string): Level | undefined {
  const value = Number(field)
  if (!Number.isInteger(value) || value < 10) return undefined
  if (value >= 50) return 'error'
  if (value >= 40) return 'warn'
  return value >= 30 ? 'info' : 'debug'
}
