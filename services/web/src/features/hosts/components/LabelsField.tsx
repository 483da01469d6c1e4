import { Plus, X } from 'lucide-react'
import { useId, useRef } from 'react'
import { FieldNotes } from '@/ui/Field'
import { labelProblems, MAX_LABELS, type LabelRow } from '../form/labels'

interface LabelsFieldProps {
  rows: LabelRow[]
  /** Whether what is wrong is to be told already. */
  checked: boolean
  error: string | undefined
  onRows: (rows: LabelRow[]) => void
}

/** Keys and values to find and group hosts by. */
export function LabelsField({ rows, checked, error, onRows }: LabelsFieldProps) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const problems = checked ? labelProblems(rows) : new Map<number, string>()

  function add(): void {
    const row = 1 + Math.max(-1, ...rows.map((label) => label.row))
    onRows([...rows, { row, key: '', value: '' }])
    setTimeout(() => list.current?.querySelector<HTMLElement>('.dl-label-row:last-child input')?.focus())
  }

  function set(row: number, change: Partial<LabelRow>): void {
    onRows(rows.map((label) => (label.row === row ? { ...label, ...change } : label)))
  }

  return (
    <fieldset className="dl-field" aria-describedby={`${id}-hint`}>
      <legend className="form-label">Labels</legend>
      <div ref={list} className="dl-label-rows">
        {rows.map(({ row, key, value }, index) => {
          const problem = problems.get(row)
          return (
            <div key={row} className="dl-label-row">
              <input
                className={`form-control dl-mono ${problem === undefined ? '' : 'is-invalid'}`}
                aria-label={`Key of label ${index + 1}`}
                aria-invalid={problem !== undefined}
                aria-describedby={problem === undefined ? undefined : `${id}-${row}-error`}
                placeholder="environment"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                value={key}
                onChange={(event) => set(row, { key: event.target.value })}
              />
              <input
                className="form-control dl-mono"
                aria-label={`Value of label ${index + 1}`}
                placeholder="production"
                autoComplete="off"
                spellCheck={false}
                value={value}
                onChange={(event) => set(row, { value: event.target.value })}
              />
              <button
                type="button"
                className="btn btn-ghost btn-icon"
                aria-label={`Remove label ${key === '' ? index + 1 : key}`}
                onClick={() => onRows(rows.filter((label) => label.row !== row))}
              >
                <X size={14} aria-hidden />
              </button>
              <FieldNotes id={`${id}-${row}`} error={problem} />
            </div>
          )
        })}
      </div>
      <button type="button" className="btn btn-secondary btn-sm" disabled={rows.length >= MAX_LABELS} onClick={add}>
        <Plus size={14} aria-hidden /> Add label
      </button>
      <FieldNotes id={id} hint="To find and group hosts by, as environment=production." error={error} />
    </fieldset>
  )
}
