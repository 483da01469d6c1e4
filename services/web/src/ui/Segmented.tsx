interface SegmentedProps<Value extends string> {
  label: string
  value: Value
  options: readonly { value: Value; label: string; count?: number }[]
  onValue: (value: Value) => void
}

/** One choice of a few, all of them in view. */
export function Segmented<Value extends string>({ label, value, options, onValue }: SegmentedProps<Value>) {
  return (
    <div className="dl-segmented" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => {
            onValue(option.value)
          }}
        >
          {option.label}
          {option.count !== undefined && <span className="dl-count">{option.count}</span>}
        </button>
      ))}
    </div>
  )
}

interface SelectProps<Value extends string> {
  label: string
  value: Value
  options: readonly { value: Value; label: string }[]
  onValue: (value: Value) => void
}

export function Select<Value extends string>({ label, value, options, onValue }: SelectProps<Value>) {
  return (
    <select
      className="form-select"
      aria-label={label}
      value={value}
      onChange={(event) => {
        onValue(event.target.value as Value)
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
