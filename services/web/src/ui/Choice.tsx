import type { ReactNode } from 'react'

interface ChoiceProps {
  checked: boolean
  onChange: (checked: boolean) => void
  label: string
  hint?: ReactNode
  disabled?: boolean
}

/** A check box that says what it does. */
export function Choice({ checked, onChange, label, hint, disabled }: ChoiceProps) {
  return (
    <label className="form-check">
      <input type="checkbox" className="form-check-input" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      {label}
      {hint !== undefined && <span className="form-text dl-block">{hint}</span>}
    </label>
  )
}
