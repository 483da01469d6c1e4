import { useQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useMemo } from 'react'
import { clock, clockMinute, day } from '@/format/time'
import { Banner } from '@/ui/Banner'
import { useNow } from '@/ui/clock'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { statsHistoryQuery } from '../api/history'
import { rangeMs, type Range } from '../ranges'
import { joined, withGaps } from '../series'
import type { Sample } from '../StatsStream'
import { Charts } from './Charts'
import { StatsTable } from './StatsTable'

interface PastProps {
  host: string
  id: string
  range: Range
  live: readonly Sample[]
  view: 'charts' | 'table'
}

const NOTHING: readonly Sample[] = []
const DAY_MS = 24 * 3_600_000
/** What came live longer ago than this would be in a history, if one were kept. */
const LAG_MS = 30_000

const dayAndClock = (ms: number) => `${day(ms)}, ${clock(ms)}`

/** What a container used over hours or days: what the server kept, and what came live since. */
export function Past({ host, id, range, live, view }: PastProps) {
  const history = useQuery(statsHistoryQuery(host, id, range))
  const kept = history.data?.samples ?? NOTHING
  const now = useNow()
  const to = Math.max(now, live.at(-1)?.at ?? 0)
  const from = to - rangeMs(range)
  const shown = useMemo(() => withGaps(joined(kept, live, range.stepMs), from, range.stepMs), [kept, live, range, from])
  const overDays = rangeMs(range) >= DAY_MS
  const none = history.isSuccess && kept.length === 0

  if (history.isPending) return <Skeleton rows={8} />
  if (history.isError && history.data === undefined) {
    return <ErrorPanel what="The history could not be loaded" error={history.error} onRetry={() => void history.refetch()} />
  }
  return (
    <>
      {none && shown.length > 0 && (
        <Banner tone="amber">
          {to - (live[0]?.at ?? to) > LAG_MS ? 'No history is kept of this container.' : 'Nothing of this container is in the history yet.'} {REASON} What
          came live since this page was opened is shown.
        </Banner>
      )}
      {shown.length === 0 ? (
        <Empty icon={<History size={20} />}>Nothing is kept of this container in this time. {REASON}</Empty>
      ) : view === 'table' ? (
        <StatsTable samples={shown} withDay={overDays} />
      ) : (
        <Charts
          samples={shown}
          from={from}
          to={to}
          formatTime={rangeMs(range) > DAY_MS ? day : clockMinute}
          formatMoment={overDays ? dayAndClock : clock}
        />
      )}
    </>
  )
}

const REASON = 'A cluster without Kafka keeps no history, and the settings can switch it off.'
