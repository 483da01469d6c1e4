import { bytes, count, percent, rate } from '@/format/numbers'
import { clock, day } from '@/format/time'
import type { Sample } from '../StatsStream'

const ROWS = 120

type Column = [name: string, read: (sample: Sample) => number | null, format: (value: number) => string]

const COLUMNS: Column[] = [
  ['CPU', (sample) => sample.cpu, percent],
  ['Memory', (sample) => sample.memory, bytes],
  ['Network in', (sample) => sample.receivedRate, rate],
  ['Network out', (sample) => sample.sentRate, rate],
  ['Block read', (sample) => sample.readRate, rate],
  ['Block write', (sample) => sample.writtenRate, rate],
  ['Processes', (sample) => sample.pids, (value) => String(Math.round(value))],
]

/** The same numbers as text, newest first. */
export function StatsTable({ samples, withDay }: { samples: readonly Sample[]; withDay: boolean }) {
  return (
    <div className="dl-panel dl-scroll-x" tabIndex={0} role="group" aria-label="Samples">
      <table className="table dl-table" aria-label="Samples">
        <thead>
          <tr>
            <th scope="col">Time</th>
            {COLUMNS.map(([name]) => (
              <th key={name} scope="col" className="dl-number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {samples
            .slice(-ROWS)
            .reverse()
            .map((sample) => (
              <tr key={sample.at}>
                <td className="dl-dim">{withDay ? `${day(sample.at)}, ${clock(sample.at)}` : clock(sample.at)}</td>
                {COLUMNS.map(([name, read, format]) => {
                  const value = read(sample)
                  return (
                    <td key={name} className="dl-number">
                      {value === null ? '–' : format(value)}
                    </td>
                  )
                })}
              </tr>
            ))}
        </tbody>
      </table>
      {samples.length > ROWS && <p className="dl-stats-rest">The newest {ROWS} of {count(samples.length)}. The charts show them all.</p>}
    </div>
  )
}
