import type { Diagnostic } from '@codemirror/lint'
import type { Text } from '@codemirror/state'

/** What is wrong in a file, and where; without a line it concerns the whole. */
export interface Mark {
  line?: number | null | undefined
  column?: number | null | undefined
  message: string
}

/** Marks as the editor takes them: from the column, else from the first letter of the line, to the line's end. */
export function diagnosticsOf(text: Text, marks: readonly Mark[]): Diagnostic[] {
  return marks
    .flatMap(({ line: number, column, message }): Diagnostic[] => {
      if (number == null || number < 1) return []
      const line = text.line(Math.min(number, text.lines))
      const indent = line.text.length - line.text.trimStart().length
      const from = Math.min(line.from + (column == null ? indent : Math.max(0, column - 1)), line.to)
      return [{ from, to: Math.max(from, line.to), severity: 'error', message }]
    })
    .sort((one, other) => one.from - other.from)
}
