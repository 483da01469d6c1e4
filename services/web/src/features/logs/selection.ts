/** A container as the address names it. */
export interface Wanted {
  /** Null when its ID alone says enough. */
  host: string | null
  /** At least 12 digits of its ID. */
  id: string
}

/** Whose logs are shown together. */
export interface Selection {
  containers: readonly Wanted[]
  /** As `host/project`. */
  stacks: readonly string[]
}

/** As many digits of an ID as tell containers apart. */
const DIGITS = 12
const CONTAINER = /^(?:([a-z0-9][a-z0-9-]{0,62}):)?([0-9a-f]{12,64})$/
const STACK = /^[a-z0-9][a-z0-9-]{0,62}\/[^/,]{1,128}$/

/** Reads `c=host:id,id` and `stack=host/project,…`; what is neither is left out. */
export function parseSelection({ c = '', stack = '' }: { c?: string; stack?: string }): Selection {
  const containers = c.split(',').flatMap((text) => {
    const [, host = null, id] = CONTAINER.exec(text) ?? []
    return id === undefined ? [] : [{ host, id }]
  })
  return { containers, stacks: stack.split(',').filter((text) => STACK.test(text)) }
}

/** The `c` parameter for these containers. */
export function containersParam(containers: readonly { host: string | null; id: string }[]): string {
  return containers.map(({ host, id }) => (host === null ? '' : `${host}:`) + id.slice(0, DIGITS)).join(',')
}

export function isWanted({ host, id }: Wanted, container: { host: string; id: string }): boolean {
  return container.id.startsWith(id) && (host === null || host === container.host)
}

export function isEmpty({ containers, stacks }: Selection): boolean {
  return containers.length === 0 && stacks.length === 0
}
