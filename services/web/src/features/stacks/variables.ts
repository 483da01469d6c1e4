/** A variable while it is edited; `row` tells rows apart whose names are alike. */
export interface Variable {
  row: number
  name: string
  value: string
  /** The value is stored and not known here: it stays, unless another is written. */
  stored: boolean
}

/** Variables as the server gives them: a value that is not shown is stored all the same. */
export function variablesOf(known: readonly { name: string; value?: string | null }[]): Variable[] {
  return known.map(({ name, value }, row) => ({ row, name, value: value ?? '', stored: value == null }))
}

/** As the server takes them; null keeps a stored value. */
export function valuesOf(variables: readonly Variable[]): Record<string, string | null> {
  return Object.fromEntries(written(variables).map(({ name, value, stored }) => [name.trim(), stored && value === '' ? null : value]))
}

/** The same where nothing is stored yet. */
export function plainValuesOf(variables: readonly Variable[]): Record<string, string> {
  return Object.fromEntries(written(variables).map(({ name, value }) => [name.trim(), value]))
}

function written(variables: readonly Variable[]): Variable[] {
  return variables.filter(({ name }) => name.trim() !== '')
}

/** With more rows at the end; those whose names are there already only get their value. */
export function withMore(variables: readonly Variable[], more: readonly { name: string; value: string }[]): Variable[] {
  const all = variables.filter(({ name, value }) => name !== '' || value !== '')
  for (const { name, value } of more) {
    const at = all.findIndex((variable) => variable.name === name)
    const known = all[at]
    if (known !== undefined) all[at] = { ...known, value, stored: false }
    else all.push({ row: 1 + Math.max(-1, ...all.map(({ row }) => row), ...variables.map(({ row }) => row)), name, value, stored: false })
  }
  return all
}

/** Lines as an `.env` file has them, of a text that was pasted; null when it is none. */
export function pastedVariables(text: string): { name: string; value: string }[] | null {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  const found = lines.map((line) => /^(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/.exec(line))
  if (lines.length === 0 || found.some((match) => match === null)) return null
  return found.flatMap((match) => (match === null ? [] : [{ name: match[1] ?? '', value: (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2') }]))
}
