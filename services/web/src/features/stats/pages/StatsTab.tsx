import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useContainer } from '@/features/containers'
import { duration } from '@/format/time'
import { ConnectionPill } from '@/ui/ConnectionPill'
import { Segmented } from '@/ui/Segmented'
import { statsHistoryQuery } from '../api/history'
import { Live } from '../components/Live'
import { Past } from '../components/Past'
import { RANGES, type Range } from '../ranges'
import { useStats } from '../useStats'
import '../stats.scss'

const route = getRouteApi('/_app/hosts/$host/containers/$id/stats')

const LIVE = { value: 'live', label: 'Live' } as const

const WINDOWS = [
  { value: '1', label: '1 min' },
  { value: '5', label: '5 min' },
  { value: '15', label: '15 min' },
] as const

const VIEWS = [
  { value: 'charts', label: 'Charts' },
  { value: 'table', label: 'Table' },
] as const

/** What a container uses, live, and what it used before. */
export default function StatsTab() {
  const container = useContainer()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { samples, condition } = useStats(container.host, container.id)
  const range = RANGES.find(({ value }) => value === search.range)
  const minutes = WINDOWS.find(({ value }) => value === search.window)?.value ?? '5'
  const view = search.view === 'table' ? 'table' : 'charts'

  function set(change: typeof search): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  return (
    <div className="dl-scroll">
      <div className="dl-toolbar">
        <ConnectionPill condition={condition} />
        {range === undefined ? <span className="dl-dim">As measured, every second</span> : <Step host={container.host} id={container.id} range={range} />}
        <span className="dl-toolbar-end">
          <Segmented
            label="Range"
            value={range?.value ?? LIVE.value}
            options={[LIVE, ...RANGES]}
            onValue={(value) => set({ range: value === LIVE.value ? undefined : value })}
          />
          {range === undefined && (
            <Segmented label="Window" value={minutes} options={WINDOWS} onValue={(value) => set({ window: value === '5' ? undefined : value })} />
          )}
          <Segmented label="View" value={view} options={VIEWS} onValue={(value) => set({ view: value === 'charts' ? undefined : value })} />
        </span>
      </div>
      <div className="dl-padded dl-stack">
        {range === undefined ? (
          <Live samples={samples} windowMs={Number(minutes) * 60_000} view={view} running={container.state === 'running'} />
        ) : (
          <Past host={container.host} id={container.id} range={range} live={samples} view={view} />
        )}
      </div>
    </div>
  )
}

/** How finely the history is told, and for how long so. */
function Step({ host, id, range }: { host: string; id: string; range: Range }) {
  const { data } = useQuery(statsHistoryQuery(host, id, range))
  if (data === undefined || data.samples.length === 0) return null
  const step = duration(data.step * 1000)
  return (
    <span className="dl-dim" data-step={data.step}>
      {data.step === 1 ? 'As measured, every second' : `Averages of ${step}`}, kept for {duration(data.kept * 1000)}
    </span>
  )
}
