interface SparklineProps {
  /** Null where nothing was measured. */
  values: readonly (number | null)[]
  /** Colour as a custom property's name. */
  color: string
  max?: number
}

const WIDTH = 120
const HEIGHT = 24

/** A line without axes, for the drift of a number that stands beside it. */
export function Sparkline({ values, color, max }: SparklineProps) {
  const top = Math.max(max ?? 0, ...values.map((value) => value ?? 0)) || 1
  const step = WIDTH / Math.max(1, values.length - 1)
  const pieces: string[][] = [[]]
  values.forEach((value, index) => {
    if (value === null) pieces.push([])
    else pieces.at(-1)?.push(`${(index * step).toFixed(1)},${(HEIGHT - 1.5 - (value / top) * (HEIGHT - 3)).toFixed(1)}`)
  })
  return (
    <svg className="dl-sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
      {pieces
        .filter((points) => points.length > 1)
        .map((points) => (
          <g key={points[0]} style={{ stroke: `var(${color})`, fill: `var(${color})` }}>
            <polygon
              stroke="none"
              fillOpacity={0.12}
              points={`${points[0]?.split(',')[0]},${HEIGHT} ${points.join(' ')} ${points.at(-1)?.split(',')[0]},${HEIGHT}`}
            />
            <polyline fill="none" strokeWidth={1.5} vectorEffect="non-scaling-stroke" points={points.join(' ')} />
          </g>
        ))}
    </svg>
  )
}
