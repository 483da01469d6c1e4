import { ApiError, messageOf } from '@/api/errors'
import { Spinner } from './States'

interface FormFooterProps {
  submit: string
  busy: boolean
  danger?: boolean
  disabled?: boolean
  onClose: () => void
}

/** The buttons of a dialog that is a form. */
export function FormFooter({ submit, busy, danger = false, disabled = false, onClose }: FormFooterProps) {
  return (
    <>
      <button type="button" className="btn btn-secondary" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" className={danger ? 'btn btn-danger' : 'btn btn-primary'} disabled={busy || disabled}>
        {busy && <Spinner />} {submit}
      </button>
    </>
  )
}

interface RefusalProps {
  error: unknown
  /** Fields that show their own errors, by the server's names. */
  fields?: readonly string[]
}

/** What the server said that no field of the form says already. */
export function Refusal({ error, fields = [] }: RefusalProps) {
  if (error === null) return null
  const wrong = error instanceof ApiError ? error.fields : []
  const unplaced = wrong.filter(({ field }) => !fields.includes(field) && !fields.includes(listOf(field)))
  if (wrong.length > 0 && unplaced.length === 0) return null
  return (
    <div className="alert dl-alert-danger" role="alert">
      {messageOf(error)}
      {unplaced.map(({ field, message }) => (
        <div key={field}>
          <code>{field}</code>: {message}
        </div>
      ))}
    </div>
  )
}

export function fieldError(error: unknown, field: string): string | undefined {
  return error instanceof ApiError ? error.fields.find((wrong) => listOf(wrong.field) === field)?.message : undefined
}

/** `subnets[0]` is one of the `subnets`, which have one field in the form. */
function listOf(field: string): string {
  return field.replace(/\[\d+\]$/, '')
}
