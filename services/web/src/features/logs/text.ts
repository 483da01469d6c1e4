/** The bytes of a line as text, once all its pieces are there: a piece may end inside a character. */
export function decode(parts: readonly (string | Uint8Array)[]): string {
  if (parts.every((part) => typeof part === 'string')) return parts.join('')
  const encoder = new TextEncoder()
  const bytes = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part))
  const whole = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of bytes) {
    whole.set(part, at)
    at += part.length
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole)
}

export function fromBase64(text: string): Uint8Array {
  const binary = atob(text)
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** What a terminal would show at last of a line that rewrites itself. */
export function lastRewrite(line: string): string {
  if (!line.includes('\r')) return line
  const rest = line.replace(/\r+$/, '')
  return rest.slice(rest.lastIndexOf('\r') + 1)
}

const ESCAPE = String.raw`\u001b`
/** Control sequences: CSI, OSC and other strings, and two-character escapes. */
const SEQUENCE = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^\\u0007${ESCAPE}]*(?:\\u0007|${ESCAPE}\\\\)|[PX^_][^${ESCAPE}]*${ESCAPE}\\\\|[ -/]*[0-~])`,
  'g',
)
const COLOUR = new RegExp(`^${ESCAPE}\\[[\\d;:]*m$`)
const CONTROL = new RegExp('(?!\\t)\\p{Cc}', 'gu')
const CONTROL_BUT_ESCAPE = new RegExp(`(?![\\t${ESCAPE}])\\p{Cc}`, 'gu')
const SPECIAL = new RegExp('(?!\\t)\\p{Cc}', 'u')

export interface Readable {
  /** Without colours; control characters made visible. */
  text: string
  /** With colour sequences, where there are any. */
  styled: string | null
}

/** Takes a raw line apart into what is searched and what is painted. */
export function readable(raw: string): Readable {
  if (!SPECIAL.test(raw)) return { text: raw, styled: null }
  let coloured = false
  const kept = raw.replace(SEQUENCE, (sequence) => {
    if (!COLOUR.test(sequence)) return ''
    coloured = true
    return sequence
  })
  const text = kept.replace(SEQUENCE, '').replace(CONTROL, caret)
  return { text, styled: coloured ? kept.replace(CONTROL_BUT_ESCAPE, caret) : null }
}

/** As terminals have always written them: `^@` for NUL, `^G` for the bell. */
function caret(character: string): string {
  const code = character.charCodeAt(0)
  return code < 0x80 ? `^${String.fromCharCode(code ^ 0x40)}` : `\\x${code.toString(16)}`
}
