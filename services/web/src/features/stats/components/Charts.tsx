import { useMemo } from 'react'
import { bytes, percent, rate, roundBytes, roundPercent } from '@/format/numbers'
import { byteScaleEnd, scaleEnd } from '../series'
import type { Sample } from '../StatsStream'
import { Chart, type Line } from './Chart'

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

interface ChartsProps {
  samples: readonly Sample[]
  /** The ends of what is shown, in milliseconds since 1970. */
  from: number
  to: number
  /** Of a mark of time, and of the moment under the cursor. */
  formatTime: (ms: number) => string
  formatMoment: (ms: number) => string
}

/** What a container used over a time, a chart for each kind. */
export function Charts({ samples, from, to, formatTime, formatMoment }: ChartsProps) {
  const times = useMemo(() => samples.map((sample) => sample.at / 1000), [samples])
  const lines = useMemo(() => ({ cpu: read(samples, CPU), memory: read(samples, MEMORY), network: read(samples, NETWORK), block: read(samples, BLOCK) }), [samples])
  const common = { times, from: from / 1000, to: to / 1000, formatTime, formatMoment }
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
