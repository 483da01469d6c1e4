export interface Pattern {
  q: string
  regex: boolean
  caseSensitive: boolean
  /** Keeps the lines that do not match. */
  invert: boolean
}

/** Where a line matches: start, end, start, end …; null when the line is not kept. */
export type Matcher = (text: string) => number[] | null

/** Enough for the eye; a one-letter search would mark thousands. */
const MAX_MARKS = 32

/** Throws a `SyntaxError` when the expression is none. */
export function matcher(pattern: Pattern): Matcher {
  const find = pattern.regex ? byExpression(pattern) : byWords(pattern)
  return pattern.invert ? (text) => (find(text) === null ? [] : null) : find
}

function byExpression({ q, caseSensitive }: Pattern): Matcher {
  const expression = new RegExp(q, caseSensitive ? 'g' : 'gi')
  return (text) => {
    const marks: number[] = []
    let found = false
    expression.lastIndex = 0
    for (let match = expression.exec(text); match !== null; match = expression.exec(text)) {
      found = true
      if (match[0] === '') expression.lastIndex++
      else marks.push(match.index, match.index + match[0].length)
      if (marks.length >= 2 * MAX_MARKS) break
    }
    return found ? marks : null
  }
}

function byWords({ q, caseSensitive }: Pattern): Matcher {
  const wanted = caseSensitive ? q : q.toLowerCase()
  return (text) => {
    const searched = caseSensitive ? text : text.toLowerCase()
    const marks: number[] = []
    for (let at = searched.indexOf(wanted); at !== -1; at = searched.indexOf(wanted, at + wanted.length)) {
      marks.push(at, at + wanted.length)
      if (marks.length >= 2 * MAX_MARKS) break
    }
    return marks.length > 0 ? marks : null
  }
}

export type WorkerRequest = { pattern: Pattern } | { batch: number; texts: string[] }

export type WorkerAnswer =
  | { ready: true }
  | { invalid: string }
  /** For every text that is kept: its place in the batch, and its marks. */
  | { batch: number; kept: number[]; marks: number[][] }
