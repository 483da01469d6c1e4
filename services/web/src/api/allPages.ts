interface ListPage<Item, Host> {
  items: Item[]
  hosts: Host[]
  next_cursor?: string | null
}

export interface HostedList<Item, Host> {
  items: Item[]
  /** Every host that was asked, and how it is. */
  hosts: Host[]
}

/** As many as the server gives at once. */
export const PAGE = 500

/** A list over all hosts, page by page, to its end. */
export async function allPages<Item, Host>(page: (cursor: string | undefined) => Promise<ListPage<Item, Host>>): Promise<HostedList<Item, Host>> {
  const list: HostedList<Item, Host> = { items: [], hosts: [] }
  let cursor: string | undefined
  do {
    const { items, hosts, next_cursor } = await page(cursor)
    list.items.push(...items)
    list.hosts = hosts
    cursor = next_cursor ?? undefined
  } while (cursor !== undefined)
  return list
}
