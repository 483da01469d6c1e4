import type { Topology } from './api/networks'

export interface Node {
  id: string
  name: string
  /** The line below the name: the address range, the state. */
  note: string
  y: number
  /** Whether it is used: a network with containers, a container that runs. */
  alive: boolean
}

export interface Line {
  key: string
  network: string
  container: string
  address: string | null
  from: number
  to: number
}

export interface Picture {
  networks: Node[]
  containers: Node[]
  lines: Line[]
  height: number
}

/** From the middle of one row to the next. */
export const ROW = 44

/**
 * Where everything stands: networks on the left, containers on the right in the order of their networks, so that few
 * lines cross, and each network beside the middle of its containers. Networks and containers without a line come last.
 */
export function layOut({ networks, containers, links }: Topology): Picture {
  const of = new Map<string, string[]>()
  for (const { network, container } of links) of.set(network, [...(of.get(network) ?? []), container])
  const busy = networks.filter(({ id }) => of.has(id)).sort((a, b) => (of.get(b.id)?.length ?? 0) - (of.get(a.id)?.length ?? 0) || compare(a.name, b.name))
  const idle = networks.filter(({ id }) => !of.has(id))

  const place = new Map<string, number>()
  const known = new Map(containers.map((container) => [container.id, container]))
  for (const { id } of busy) {
    const members = (of.get(id) ?? []).filter((container) => known.has(container) && !place.has(container))
    // Those of one network only first: the others stand where the next network begins.
    members.sort((a, b) => networksOf(links, a) - networksOf(links, b) || compare(known.get(a)?.name ?? '', known.get(b)?.name ?? ''))
    for (const container of members) place.set(container, place.size)
  }
  for (const { id } of containers) if (!place.has(id)) place.set(id, place.size)

  const middles = busy.map(({ id }) => middle((of.get(id) ?? []).map((container) => place.get(container) ?? 0)))
  const order = busy.map((network, index) => ({ network, at: middles[index] ?? 0 })).sort((a, b) => a.at - b.at)
  const rows = spread(order.map(({ at }) => at))
  const last = rows.at(-1) ?? -1
  const networkNodes = [
    ...order.map(({ network }, index) => ({ network, row: rows[index] ?? 0, alive: true })),
    ...idle.map((network, index) => ({ network, row: last + 1 + index, alive: false })),
  ].map(({ network, row, alive }) => ({ id: network.id, name: network.name, note: network.subnets[0]?.subnet ?? network.driver, y: at(row), alive }))
  const containerNodes = containers
    .map((container) => ({ id: container.id, name: container.name, note: container.state, y: at(place.get(container.id) ?? 0), alive: container.state === 'running' }))
    .sort((a, b) => a.y - b.y)

  const networkY = new Map(networkNodes.map(({ id, y }) => [id, y]))
  const containerY = new Map(containerNodes.map(({ id, y }) => [id, y]))
  const lines = links.flatMap(({ network, container, ipv4, ipv6 }) => {
    const [from, to] = [networkY.get(network), containerY.get(container)]
    if (from === undefined || to === undefined) return []
    return [{ key: `${network} ${container}`, network, container, address: ipv4 ?? ipv6 ?? null, from, to }]
  })
  const bottom = Math.max(0, ...networkNodes.map(({ y }) => y), ...containerNodes.map(({ y }) => y))
  return { networks: networkNodes, containers: containerNodes, lines, height: bottom + ROW / 2 }
}

const at = (row: number) => ROW / 2 + row * ROW

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function networksOf(links: Topology['links'], container: string): number {
  return links.filter((link) => link.container === container).length
}

function middle(rows: readonly number[]): number {
  return rows.length === 0 ? 0 : (Math.min(...rows) + Math.max(...rows)) / 2
}

/** At least a row apart, each as near to where it belongs as those before it allow. */
function spread(wanted: readonly number[]): number[] {
  const rows: number[] = []
  for (const row of wanted) rows.push(Math.max(row, (rows.at(-1) ?? -1) + 1))
  return rows
}
