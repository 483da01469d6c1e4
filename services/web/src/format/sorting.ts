export type SortValue = string | number | null | undefined

const COLLATOR = new Intl.Collator('en', { numeric: true })

/** Sorted by what `read` finds, then by name. What is not known comes last, whichever way it is sorted. */
export function sortedBy<Item>(items: readonly Item[], read: (item: Item) => SortValue, descending: boolean, name: (item: Item) => string): Item[] {
  const order = descending ? -1 : 1
  return [...items].sort((a, b) => {
    const [one, other] = [read(a), read(b)]
    const byName = COLLATOR.compare(name(a), name(b))
    if (one == null || other == null) return Number(one == null) - Number(other == null) || byName
    const difference = typeof one === 'number' && typeof other === 'number' ? one - other : COLLATOR.compare(String(one), String(other))
    return order * difference || byName
  })
}

/** Whether every word of the query is in one of the texts, however it is written. */
export function matchesWords(query: string | undefined, texts: readonly (string | null | undefined)[]): boolean {
  if (query === undefined || query === '') return true
  const text = texts.filter((part) => part != null).join('\n').toLowerCase()
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}
