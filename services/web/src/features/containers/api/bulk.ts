import { api, unwrap, type Schema } from '@/api/client'
import { useChange, type Notices } from '@/api/useChange'
import type { Container } from '../model'

export type BulkAction = Schema<'BulkAction'>

export interface BulkOutcome {
  container: Container
  /** Null when it was done. */
  failure: string | null
}

interface Bulk {
  action: BulkAction
  containers: readonly Container[]
  force?: boolean
  volumes?: boolean
}

/** As many as the server takes at once. */
const MOST = 100

/** Does one thing to several containers; what came of it, for each. Those of a host go together, so that IDs are unique. */
async function bulk({ action, containers, force = false, volumes = false }: Bulk): Promise<BulkOutcome[]> {
  const outcomes = batches(containers).map(async ({ host, members }) => {
    const body = { action, ids: members.map(({ id }) => id), host, force, volumes }
    const { items } = await unwrap(api.POST('/api/v1/containers/bulk', { body }))
    return members.map((container, index) => {
      const result = items[index]
      return { container, failure: result?.ok === true ? null : (result?.message ?? 'The server did not say what came of it.') }
    })
  })
  return (await Promise.all(outcomes)).flat()
}

export function batches(containers: readonly Container[]): { host: string; members: Container[] }[] {
  const hosts = new Set(containers.map(({ host }) => host))
  return [...hosts].flatMap((host) => {
    const all = containers.filter((container) => container.host === host)
    return Array.from({ length: Math.ceil(all.length / MOST) }, (_, at) => ({ host, members: all.slice(at * MOST, (at + 1) * MOST) }))
  })
}

export function useBulk(notices: Notices<Bulk, BulkOutcome[]>) {
  // What else can be done to them is known once their new states are.
  return useChange([['containers']], bulk, { ...notices, untilRead: true })
}
