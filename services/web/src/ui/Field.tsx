import { useId, type InputHTMLAttributes, type ReactNode } from 'react'

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'onChange'> {
  label: string
  hint?: ReactNode
  error?: string | undefined
  /** Stands before what is typed and belongs to it, as `tcp://`. */
  affix?: string | undefined
  onValue: (value: string) => void
}

/** A labelled input with its hint and its error, wired for screen readers. */
export function Field({ label, hint, error, affix, onValue, className, ...input }: FieldProps) {
  const id = useId()
  const control = (
    <input
      {...input}
      id={id}
      className={`form-control ${error === undefined ? '' : 'is-invalid'} ${className ?? ''}`}
      aria-invalid={error !== undefined}
      aria-describedby={describedBy(id, { affix, hint, error })}
      onChange={(event) => {
        onValue(event.target.value)
      }}
    />
  )
  return (
    <div className="dl-field">
      <label className="form-label" htmlFor={id}>
        {label}
      </label>
      {affix === undefined ? (
        control
      ) : (
        <div className="dl-affixed">
          <span id={`${id}-affix`} className="dl-affix dl-mono">
            {affix}
          </span>
          {control}
        </div>
      )}
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  )
}

interface Notes {
  affix?: unknown
  hint?: unknown
  error?: unknown
}

/** The elements around a control that say more about it. */
export function describedBy(id: string, notes: Notes): string | undefined {
  const ids = (['affix', 'hint', 'error'] as const).filter((name) => notes[name] !== undefined).map((name) => `${id}-${name}`)
  return ids.length === 0 ? undefined : ids.join(' ')
}

/** What stands below a control: its hint, and what is wrong with it. */
export function FieldNotes({ id, hint, error }: { id: string; hint?: ReactNode; error?: string | undefined }) {
  return (
    <>
      {hint !== undefined && (
        <div id={`${id}-hint`} className="form-text">
          {hint}
        </div>
      )}
      {error !== undefined && (
        <div id={`${id}-error`} className="invalid-feedback" role="alert">
          {error}
        </div>
      )}
    </>
  )
}
