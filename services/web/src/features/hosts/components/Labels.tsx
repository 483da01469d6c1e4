import { labelText } from '../model'

interface LabelsProps {
  labels: Record<string, string>
  /** More are only counted. */
  atMost?: number
  /** Makes each a button that filters by it. */
  onLabel?: (label: string) => void
  /** The label that is filtered by already. */
  chosen?: string | undefined
}

/** A host's labels as chips. */
export function Labels({ labels, atMost = Infinity, onLabel, chosen }: LabelsProps) {
  const entries = Object.entries(labels)
  if (entries.length === 0) return <span className="dl-faint">–</span>
  const rest = entries.slice(atMost).map(([key, value]) => labelText(key, value))
  return (
    <ul className="dl-chips">
      {entries.slice(0, atMost).map(([key, value]) => (
        <li key={key}>
          <Chip name={key} value={value} onLabel={onLabel} chosen={chosen} />
        </li>
      ))}
      {rest.length > 0 && (
        <li className="dl-faint" title={rest.join(', ')}>
          +{rest.length}
        </li>
      )}
    </ul>
  )
}

interface ChipProps extends Pick<LabelsProps, 'onLabel' | 'chosen'> {
  name: string
  value: string
}

function Chip({ name, value, onLabel, chosen }: ChipProps) {
  const text = labelText(name, value)
  const words = (
    <>
      <span className="dl-chip-key">{name}</span>
      {value !== '' && (
        <>
          <span className="visually-hidden">=</span>
          <span className="dl-chip-value">{value}</span>
        </>
      )}
    </>
  )
  if (onLabel === undefined) {
    return (
      <span className="dl-chip" title={text}>
        {words}
      </span>
    )
  }
  const on = chosen === text
  return (
    <button
      type="button"
      className="dl-chip"
      title={on ? `Hosts without ${text}, too` : `Only hosts with ${text}`}
      aria-pressed={on}
      onClick={() => onLabel(on ? '' : text)}
    >
      {words}
    </button>
  )
}
