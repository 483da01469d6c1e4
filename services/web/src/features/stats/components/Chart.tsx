import { useEffect, useRef, type RefObject } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useColors } from '@/ui/useColors'

export interface Line {
  label: string
  /** Colour as a custom property's name. */
  color: string
  values: (number | null)[]
}

interface ChartProps {
  title: string
  /** Seconds since 1970. */
  times: number[]
  lines: Line[]
  /** The ends of what is shown, in seconds since 1970. */
  from: number
  to: number
  /** Of a mark below the chart, by milliseconds since 1970. */
  formatTime: (ms: number) => string
  /** Of the moment under the cursor. */
  formatMoment: (ms: number) => string
  format: (value: number) => string
  /** The same for the marks of the scale, which are round numbers. */
  formatMark: (value: number) => string
  /** The end of the scale for the highest value in view. */
  scale: (highest: number) => number
}

const HEIGHT_PX = 168
/** Parts of the scale, each with its line. */
const MARKS = [0, 0.25, 0.5, 0.75, 1]

/** One chart; all of a page share their cursor. */
export function Chart({ title, times, lines, from, to, formatTime, formatMoment, format, formatMark, scale }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const legend = useRef<(HTMLElement | null)[]>([])
  const moment = useRef<HTMLSpanElement>(null)
  const colors = useColors()
  const shape = lines.map((line) => `${line.label} ${line.color}`).join()

  // The chart is made anew only when its shape or its colours change; data is set below.
  const made = useRef({ lines, format, formatMark, formatTime, formatMoment, scale })
  useEffect(() => {
    made.current = { lines, format, formatMark, formatTime, formatMoment, scale }
  })
  useEffect(() => {
    const element = host.current
    if (element === null) return
    const chart = new uPlot(options(element.clientWidth, made, colors, (index) => describe(index)), [[]], element)
    plot.current = chart
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT_PX }))
    observer.observe(element)

    /** The values under the cursor, or the newest. */
    function describe(index: number | null | undefined): void {
      const at = index == null ? undefined : chart.data[0][index]
      if (moment.current !== null) moment.current.textContent = at === undefined ? '' : made.current.formatMoment(at * 1000)
      made.current.lines.forEach((_, nth) => {
        const values = chart.data[nth + 1]
        const value = index == null ? values?.at(-1) : values?.[index]
        const target = legend.current[nth]
        if (target != null) target.textContent = value == null ? '–' : made.current.format(value)
      })
    }
    return () => {
      observer.disconnect()
      chart.destroy()
      plot.current = null
    }
  }, [colors, shape])

  useEffect(() => {
    const chart = plot.current
    if (chart === null) return
    chart.batch(() => {
      chart.setData([times, ...lines.map((line) => line.values)], false)
      chart.setScale('x', { min: from, max: to })
    })
    if (chart.cursor.idx == null) {
      lines.forEach((line, nth) => {
        const target = legend.current[nth]
        const value = line.values.at(-1)
        if (target != null) target.textContent = value == null ? '–' : format(value)
      })
    }
  }, [times, lines, from, to, colors, shape, format])

  return (
    <figure className="dl-card dl-chart">
      <figcaption>
        <h2>{title}</h2>
        <span className="dl-chart-moment" ref={moment} aria-hidden />
        {lines.map((line, nth) => (
          <span key={line.label} className="dl-legend">
            <span className="dl-swatch" style={{ background: `var(${line.color})` }} aria-hidden />
            {line.label}
            <strong
              ref={(element) => {
                legend.current[nth] = element
              }}
            />
          </span>
        ))}
      </figcaption>
      <div ref={host} role="img" aria-label={summary(title, lines, format)} />
    </figure>
  )
}

function summary(title: string, lines: Line[], format: (value: number) => string): string {
  const parts = lines.map((line) => {
    const known = line.values.filter((value) => value !== null)
    const last = known.at(-1)
    return last === undefined ? `${line.label}: nothing yet` : `${line.label}: now ${format(last)}, at most ${format(Math.max(...known))}`
  })
  return `${title}. ${parts.join('; ')}`
}

type Made = Pick<ChartProps, 'lines' | 'format' | 'formatMark' | 'formatTime' | 'formatMoment' | 'scale'>

function options(width: number, made: RefObject<Made>, colors: (name: string) => string, onCursor: (index: number | null | undefined) => void): uPlot.Options {
  const axis = { stroke: colors('--dl-faint'), font: `11px ${colors('--dl-sans')}`, ticks: { show: false } }
  return {
    width,
    height: HEIGHT_PX,
    padding: [8, 28, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'dockline-stats' },
      drag: { x: false, y: false },
      y: false,
      points: { size: 7, width: 2 },
    },
    scales: {
      x: { time: true },
      y: { range: (_, _min, max) => [0, made.current.scale(Number.isFinite(max) ? max : 0)] },
    },
    axes: [
      { ...axis, size: 24, grid: { show: false }, space: 90, values: (_, splits) => splits.map((split) => made.current.formatTime(split * 1000)) },
      {
        ...axis,
        size: 74,
        splits: (_, __, ___, end) => MARKS.map((part) => part * end),
        grid: { stroke: colors('--dl-line'), width: 1 },
        values: (_, splits) => splits.map((split) => made.current.formatMark(split)),
      },
    ],
    series: [
      {},
      ...made.current.lines.map((line) => ({
        label: line.label,
        stroke: colors(line.color),
        fill: `${colors(line.color)}1f`,
        width: 1.5,
        points: { show: true, size: 3, fill: colors(line.color), filter: alone },
        spanGaps: false,
      })),
    ],
    hooks: { setCursor: [(chart) => onCursor(chart.cursor.idx)] },
  }
}

/** A value with gaps on both sides is no line; it gets a point. */
function alone(chart: uPlot, series: number): number[] {
  const values = chart.data[series] ?? []
  const [first, last] = chart.series[0]?.idxs ?? [0, -1]
  const found: number[] = []
  for (let at = first; at <= last; at++) {
    if (values[at] != null && values[at - 1] == null && values[at + 1] == null) found.push(at)
  }
  return found
}
