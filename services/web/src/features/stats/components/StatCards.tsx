import { bytes, percent, rate } from '@/format/numbers'
import { Sparkline } from '@/ui/Sparkline'
import { withGaps } from '../series'
import type { Sample } from '../StatsStream'
import { useStats } from '../useStats'
import '../stats.scss'

const SPARK_MS = 60_000
const UNKNOWN = '–'

const orUnknown = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? UNKNOWN : format(value)

/** What the container uses now, and the last minute's drift. */
export function StatCards({ host, id }: { host: string; id: string }) {
  const { samples } = useStats(host, id)
  return <Cards samples={samples} />
}

export function Cards({ samples }: { samples: readonly Sample[] }) {
  const last = samples.at(-1)
  const recent = withGaps(samples, (last?.at ?? 0) - SPARK_MS)
  const limit = last?.memoryLimit ?? null
  return (
    <div className="dl-stat-cards">
      <Card
        label="CPU"
        value={orUnknown(last?.cpu, percent)}
        note="of one CPU"
        lines={[{ color: '--dl-cpu', values: recent.map((sample) => sample.cpu) }]}
      />
      <Card
        label="Memory"
        value={orUnknown(last?.memory, bytes)}
        note={limit === null ? 'no limit' : `${orUnknown(last?.memoryPercent, percent)} of ${bytes(limit)}`}
        lines={[{ color: '--dl-memory', values: recent.map((sample) => sample.memory) }]}
      />
      <Card
        label="Network in"
        value={orUnknown(last?.receivedRate, rate)}
        note={`${orUnknown(last?.received, bytes)} in all`}
        lines={[{ color: '--dl-received', values: recent.map((sample) => sample.receivedRate) }]}
      />
      <Card
        label="Network out"
        value={orUnknown(last?.sentRate, rate)}
        note={`${orUnknown(last?.sent, bytes)} in all`}
        lines={[{ color: '--dl-sent', values: recent.map((sample) => sample.sentRate) }]}
      />
      <Card
        label="Block read"
        value={orUnknown(last?.readRate, rate)}
        note={`${orUnknown(last?.read, bytes)} in all`}
        lines={[{ color: '--dl-read', values: recent.map((sample) => sample.readRate) }]}
      />
      <Card
        label="Block write"
        value={orUnknown(last?.writtenRate, rate)}
        note={`${orUnknown(last?.written, bytes)} in all`}
        lines={[{ color: '--dl-written', values: recent.map((sample) => sample.writtenRate) }]}
      />
      <Card
        label="Processes"
        value={orUnknown(last?.pids, String)}
        note="and threads"
        lines={[{ color: '--dl-pids', values: recent.map((sample) => sample.pids) }]}
      />
    </div>
  )
}

interface CardProps {
  label: string
  value: string
  note: string
  lines: { color: string; values: (number | null)[] }[]
}

function Card({ label, value, note, lines }: CardProps) {
  return (
    <div className="dl-stat-card" data-stat={label}>
      <span className="dl-stat-label">{label}</span>
      <span className="dl-stat-value">{value}</span>
      <span className="dl-stat-note">{note}</span>
      {lines.map((line) => (
        <Sparkline key={line.color} {...line} />
      ))}
    </div>
  )
}
