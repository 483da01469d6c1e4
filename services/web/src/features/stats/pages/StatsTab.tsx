import { getRouteApi } from '@tanstack/react-router'
import { ChartLine, CirclePlay } from 'lucide-react'
import { useMemo } from 'react'
import { useContainer } from '@/features/containers'
import { bytes, percent, rate, roundBytes, roundPercent } from '@/format/numbers'
import { ConnectionPill } from '@/ui/ConnectionPill'
import { Segmented } from '@/ui/Segmented'
import { Empty } from '@/ui/States'
import { Cards } from '../components/StatCards'
import { Chart, type Line } from '../components/Chart'
import { StatsTable } from '../components/StatsTable'
import { byteScaleEnd, scaleEnd, withGaps } from '../series'
import type { Sample } from '../StatsStream'
import { useStats } from '../useStats'
import '../stats.scss'

const route = getRouteApi('/_app/hosts/$host/containers/$id/stats')

const WINDOWS = [
  { value: '1', label: '1 min' },
  { value: '5', label: '5 min' },
  { value: '15', label: '15 min' },
] as const

const VIEWS = [
  { value: 'charts', label: 'Charts' },
  { value: 'table', label: 'Table' },
] as const

/** What a container uses, live. */
export default function StatsTab() {
  const container = useContainer()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { samples, condition } = useStats(container.host, container.id)
  const minutes = WINDOWS.find(({ value }) => value === search.window)?.value ?? '5'
  const view = search.view === 'table' ? 'table' : 'charts'
  const shown = useMemo(() => withGaps(samples, samples.at(-1)?.at ?? 0, Number(minutes) * 60_000), [samples, minutes])

  function set(change: typeof search): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  return (
    <div className="dl-scroll">
      <div className="dl-toolbar">
        <ConnectionPill condition={condition} />
        <span className="dl-toolbar-end">
          <Segmented label="Window" value={minutes} options={WINDOWS} onValue={(value) => set({ window: value === '5' ? undefined : value })} />
          <Segmented label="View" value={view} options={VIEWS} onValue={(value) => set({ view: value === 'charts' ? undefined : value })} />
        </span>
      </div>
      <div className="dl-padded dl-stack">
        {samples.length === 0 ? <Waiting running={container.state === 'running'} /> : <Cards samples={samples} />}
        {samples.length > 0 && (view === 'table' ? <StatsTable samples={shown} /> : <Charts samples={shown} windowS={Number(minutes) * 60} />)}
      </div>
    </div>
  )
}

function Waiting({ running }: { running: boolean }) {
  return running ? (
    <Empty icon={<ChartLine size={20} />}>Waiting for the first sample…</Empty>
  ) : (
    <Empty icon={<CirclePlay size={20} />}>It does not run, so it uses nothing. Charts appear when it is started.</Empty>
  )
}

type Read = (sample: Sample) => number | null

const CPU: [string, string, Read][] = [['CPU', '--dl-cpu', (sample) => sample.cpu]]
const MEMORY: [string, string, Read][] = [['Memory', '--dl-memory', (sample) => sample.memory]]
const NETWORK: [string, string, Read][] = [
  ['In', '--dl-received', (sample) => sample.receivedRate],
  ['Out', '--dl-sent', (sample) => sample.sentRate],
]
const BLOCK: [string, string, Read][] = [
  ['Read', '--dl-read', (sample) => sample.readRate],
  ['Write', '--dl-written', (sample) => sample.writtenRate],
]

const cpuScale = (highest: number) => scaleEnd(highest, 5)
const roundRate = (value: number) => `${roundBytes(value)}/s`
const byteScale = (highest: number) => byteScaleEnd(highest, 1024)

function Charts({ samples, windowS }: { samples: readonly Sample[]; windowS: number }) {
  const times = useMemo(() => samples.map((sample) => sample.at / 1000), [samples])
  const lines = useMemo(() => ({ cpu: read(samples, CPU), memory: read(samples, MEMORY), network: read(samples, NETWORK), block: read(samples, BLOCK) }), [samples])
  const common = { times, windowS }
  return (
    <div className="dl-charts">
      <Chart title="CPU" lines={lines.cpu} format={percent} formatMark={roundPercent} scale={cpuScale} {...common} />
      <Chart title="Memory" lines={lines.memory} format={bytes} formatMark={roundBytes} scale={byteScale} {...common} />
      <Chart title="Network" lines={lines.network} format={rate} formatMark={roundRate} scale={byteScale} {...common} />
      <Chart title="Block devices" lines={lines.block} format={rate} formatMark={roundRate} scale={byteScale} {...common} />
    </div>
  )
}

function read(samples: readonly Sample[], lines: [string, string, Read][]): Line[] {
  return lines.map(([label, color, value]) => ({ label, color, values: samples.map(value) }))
}
