/** With so few there is no need to choose. */
const FEW = 30
/** Of more nobody reads the commands. */
const MOST = 40

/**
 * The things whose commands are offered: those of whose names a word of what is typed is a part. Commands are many, and
 * where nothing is named yet they are offered for all only while there are few.
 */
export function near<Item extends { name: string }>(items: readonly Item[], query: string): readonly Item[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word.length > 1)
  const named = items.filter(({ name }) => words.some((word) => name.toLowerCase().includes(word)))
  if (named.length > 0) return named.slice(0, MOST)
  return items.length <= FEW ? items : []
}
