import Anser from 'anser'
import { SHOWN_CHARACTERS } from './RowHeights'

/** A piece of a line that looks the same throughout. */
export interface Segment {
  text: string
  className: string
  color?: string
  background?: string
  marked: boolean
}

type Styled = Omit<Segment, 'marked'>

/** A line's colours and search marks as pieces; called for rows in view only. */
export function segments(text: string, styled: string | null, marks: readonly number[], limit = SHOWN_CHARACTERS): Segment[] {
  const pieces = styled === null ? [{ text, className: '' }] : coloured(styled)
  return mark(cut(pieces, limit), marks)
}

function coloured(styled: string): Styled[] {
  return Anser.ansiToJson(styled, { use_classes: true, remove_empty: true }).map((entry) => {
    const classes = entry.decorations.map((decoration) => `dl-ansi-${decoration}`)
    const foreground = colour(entry.fg, entry.fg_truecolor)
    const background = colour(entry.bg, entry.bg_truecolor)
    if (foreground.className !== '') classes.push(foreground.className)
    if (background.className !== '') classes.push(`${background.className}-bg`)
    return { text: entry.content, className: classes.join(' '), color: foreground.value, background: background.value }
  })
}

/** The 16 named colours follow the theme; the rest are taken as they are. */
function colour(name: string | null, rgb: string | null): { className: string; value?: string } {
  if (name === null || name === '') return { className: '' }
  if (name === 'ansi-truecolor') return { className: '', value: `rgb(${rgb ?? '128,128,128'})` }
  const indexed = /^ansi-palette-(\d+)$/.exec(name)?.[1]
  return indexed === undefined ? { className: `dl-${name}` } : { className: '', value: palette(Number(indexed)) }
}

/** The 6 × 6 × 6 cube and the greys of the 256 colours. */
function palette(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey},${grey},${grey})`
  }
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40)
  const cube = index - 16
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`
}

function cut(pieces: Styled[], limit: number): Styled[] {
  let room = limit
  const kept: Styled[] = []
  for (const piece of pieces) {
    if (room <= 0) break
    kept.push(piece.text.length > room ? { ...piece, text: piece.text.slice(0, room) } : piece)
    room -= piece.text.length
  }
  return kept
}

function mark(pieces: Styled[], marks: readonly number[]): Segment[] {
  if (marks.length === 0) return pieces.map((piece) => ({ ...piece, marked: false }))
  const result: Segment[] = []
  let begin = 0
  for (const piece of pieces) {
    const end = begin + piece.text.length
    const edges = [begin, ...marks.filter((edge) => edge > begin && edge < end), end]
    for (let nth = 0; nth + 1 < edges.length; nth++) {
      const from = edges[nth] ?? 0
      const to = edges[nth + 1] ?? 0
      result.push({ ...piece, text: piece.text.slice(from - begin, to - begin), marked: inside(marks, from) })
    }
    begin = end
  }
  return result
}

function inside(marks: readonly number[], at: number): boolean {
  for (let nth = 0; nth + 1 < marks.length; nth += 2) {
    if (at >= (marks[nth] ?? 0) && at < (marks[nth + 1] ?? 0)) return true
  }
  return false
}
