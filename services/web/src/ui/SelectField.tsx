import { useId, type ReactNode } from 'react'
import { describedBy, FieldNotes } from './Field'

interface SelectFieldProps<Value extends string> {
  label: string
  value: Value
  options: readonly { value: Value; label: string }[]
  hint?: ReactNode
  error?: string | undefined
  onValue: (value: Value) => void
}

/** A labelled choice of a form. */
export function SelectField<Value extends string>({ label, value, options, hint, error, onValue }: SelectFieldProps<Value>) {
  const id = useId()
  return (
    <div className="dl-field">
      <label className="form-label" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className={`form-select dl-wide ${error === undefined ? '' : 'is-invalid'}`}
        aria-describedby={describedBy(id, { hint, error })}
        value={value}
        onChange={(event) => onValue(event.target.value as Value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  )
}
