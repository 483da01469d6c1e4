/** Search parameters as plain text, so that addresses stay readable and can be typed by hand. */
export type RawSearch = Record<string, string | undefined>

export function parseSearch(query: string): RawSearch {
  return Object.fromEntries(new URLSearchParams(query))
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parts = new URLSearchParams()
  for (const [key, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') parts.set(key, value)
  }
  const text = parts.toString()
  return text === '' ? '' : `?${text}`
}

/** Keeps the named parameters and drops the rest. */
export function textSearch<Name extends string>(...names: Name[]) {
  return (raw: Record<string, unknown>): Partial<Record<Name, string>> => {
    const kept: Partial<Record<Name, string>> = {}
    for (const name of names) {
      const value = raw[name]
      if (typeof value === 'string' && value !== '') kept[name] = value
    }
    return kept
  }
}
