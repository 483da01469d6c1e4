export const MAX_LABELS = 32
const MAX_VALUE = 128
const KEY = /^[a-z0-9][a-z0-9._/-]{0,62}$/
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/** A label while it is edited; `row` tells rows apart whose keys are alike. */
export interface LabelRow {
  row: number
  key: string
  value: string
}

export function labelRows(labels: Record<string, string>): LabelRow[] {
  return Object.entries(labels).map(([key, value], row) => ({ row, key, value }))
}

/** Rows in which nothing stands are no labels. */
function filled(rows: readonly LabelRow[]): LabelRow[] {
  return rows.filter(({ key, value }) => key.trim() !== '' || value.trim() !== '')
}

export function labelsOf(rows: readonly LabelRow[]): Record<string, string> {
  return Object.fromEntries(filled(rows).map(({ key, value }) => [key.trim(), value.trim()]))
}

/** What is wrong, by row. */
export function labelProblems(rows: readonly LabelRow[]): Map<number, string> {
  const problems = new Map<number, string>()
  const seen = new Set<string>()
  for (const { row, key, value } of filled(rows)) {
    const problem = labelProblem(key.trim(), value.trim(), seen)
    if (problem !== undefined) problems.set(row, problem)
    seen.add(key.trim())
  }
  return problems
}

function labelProblem(key: string, value: string, seen: ReadonlySet<string>): string | undefined {
  if (key === '') return 'Write a key, or remove this label.'
  if (!KEY.test(key)) return 'A key has 1 to 63 lower-case letters, digits, “.”, “_”, “/” or “-”, and begins with a letter or digit.'
  if (seen.has(key)) return `There is a label ${key} already.`
  if (value.length > MAX_VALUE) return `A value has at most ${MAX_VALUE} characters.`
  return CONTROL.test(value) ? 'A value has no control characters.' : undefined
}

export function sameLabels(one: Record<string, string>, other: Record<string, string>): boolean {
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key])
}
