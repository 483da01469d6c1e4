import { queryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { emptySample } from '../series'
import type { Sample } from '../StatsStream'
import { rangeMs, type Range } from '../ranges'

/** No longer than a live stream is kept that nobody looks at: what is older than that stream is read. */
const STALE_MS = 30_000

/**
 * What came live is drawn behind what was read. But the last seconds before the page was opened get into the history a
 * little later; the finer the step, the sooner that is to be seen.
 */
function refreshMs({ stepMs }: Range): number {
  return Math.max(60_000, 5 * stepMs)
}

/** A container's resource use over a range that ends now. */
export function statsHistoryQuery(host: string, id: string, range: Range) {
  return queryOptions({
    queryKey: ['stats', host, id, range.value],
    queryFn: async ({ signal }) => {
      const since = new Date(Date.now() - rangeMs(range)).toISOString()
      const params = { path: { id }, query: { host, since, step: range.step } }
      const { items, step, kept } = await unwrap(api.GET('/api/v1/containers/{id}/stats', { params, signal }))
      return { samples: items.map(sample), step, kept }
    },
    staleTime: STALE_MS,
    refetchInterval: refreshMs(range),
  })
}

function sample({ at, ...point }: Schema<'StatsPoint'>): Sample {
  return {
    ...emptySample(Date.parse(at)),
    cpu: point.cpu_percent ?? null,
    memory: point.memory_used ?? null,
    memoryLimit: point.memory_limit ?? null,
    receivedRate: point.rx_rate ?? null,
    sentRate: point.tx_rate ?? null,
    readRate: point.read_rate ?? null,
    writtenRate: point.write_rate ?? null,
    pids: point.pids ?? null,
  }
}
