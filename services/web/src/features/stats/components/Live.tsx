import { ChartLine, CirclePlay } from 'lucide-react'
import { useMemo } from 'react'
import { clock } from '@/format/time'
import { Empty } from '@/ui/States'
import { withGaps } from '../series'
import type { Sample } from '../StatsStream'
import { Charts } from './Charts'
import { Cards } from './StatCards'
import { StatsTable } from './StatsTable'

interface LiveProps {
  samples: readonly Sample[]
  windowMs: number
  view: 'charts' | 'table'
  running: boolean
}

/** What a container uses now, and used a moment ago. */
export function Live({ samples, windowMs, view, running }: LiveProps) {
  const to = samples.at(-1)?.at ?? 0
  const from = to - windowMs
  const shown = useMemo(() => withGaps(samples, from), [samples, from])
  if (samples.length === 0) {
    return running ? (
      <Empty icon={<ChartLine size={20} />}>Waiting for the first sample…</Empty>
    ) : (
      <Empty icon={<CirclePlay size={20} />}>It does not run, so it uses nothing. Charts appear when it is started.</Empty>
    )
  }
  return (
    <>
      <Cards samples={samples} />
      {view === 'table' ? (
        <StatsTable samples={shown} withDay={false} />
      ) : (
        <Charts samples={shown} from={from} to={to} formatTime={clock} formatMoment={clock} />
      )}
    </>
  )
}
