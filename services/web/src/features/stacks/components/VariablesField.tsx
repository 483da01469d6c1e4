import { Eye, EyeOff, Plus, X } from 'lucide-react'
import { useRef, useState } from 'react'
import { pastedVariables, withMore, type Variable } from '../variables'

interface VariablesFieldProps {
  variables: readonly Variable[]
  onVariables: (variables: Variable[]) => void
  readOnly?: boolean
  errorOf?: (name: string) => string | undefined
}

/** The variables of a Compose file. Values are hidden until they are asked for; lines of an .env file can be pasted. */
export function VariablesField({ variables, onVariables, readOnly = false, errorOf }: VariablesFieldProps) {
  const [shown, setShown] = useState(false)
  const list = useRef<HTMLDivElement>(null)

  function set(row: number, change: Partial<Variable>): void {
    onVariables(variables.map((variable) => (variable.row === row ? { ...variable, ...change } : variable)))
  }

  function add(): void {
    onVariables([...variables, { row: 1 + Math.max(-1, ...variables.map(({ row }) => row)), name: '', value: '', stored: false }])
    setTimeout(() => list.current?.querySelector<HTMLElement>('.dl-label-row:last-child input')?.focus())
  }

  return (
    <section className="dl-card" aria-label="Variables">
      <header className="dl-card-head">
        <h2>Variables</h2>
        {variables.length > 0 && (
          <button type="button" className="btn btn-ghost btn-sm" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />} {shown ? 'Hide values' : 'Show values'}
          </button>
        )}
      </header>
      <div ref={list} className="dl-label-rows">
        {variables.map(({ row, name, value, stored }, index) => {
          const error = errorOf?.(name)
          const called = name === '' ? index + 1 : name
          return (
            <div key={row} className="dl-label-row">
              <input
                className={`form-control dl-mono ${error === undefined ? '' : 'is-invalid'}`}
                aria-label={`Name of variable ${index + 1}`}
                placeholder="TAG"
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                readOnly={readOnly}
                value={name}
                onPaste={(event) => {
                  const pasted = pastedVariables(event.clipboardData.getData('text'))
                  if (pasted === null || readOnly) return
                  event.preventDefault()
                  onVariables(withMore(variables, pasted))
                }}
                onChange={(event) => set(row, { name: event.target.value, stored: false })}
              />
              <input
                type={shown ? 'text' : 'password'}
                className="form-control dl-mono"
                aria-label={`Value of variable ${called}`}
                placeholder={stored ? 'stored' : 'value'}
                autoComplete="off"
                spellCheck={false}
                readOnly={readOnly}
                value={value}
                onChange={(event) => set(row, { value: event.target.value })}
              />
              {!readOnly && (
                <button type="button" className="btn btn-ghost btn-icon" aria-label={`Remove variable ${called}`} onClick={() => onVariables(variables.filter((variable) => variable.row !== row))}>
                  <X size={14} aria-hidden />
                </button>
              )}
              {error !== undefined && (
                <div className="invalid-feedback dl-block" role="alert">
                  {error}
                </div>
              )}
            </div>
          )
        })}
      </div>
      {readOnly ? (
        variables.length === 0 && <p className="dl-dim">It has none.</p>
      ) : (
        <>
          <button type="button" className="btn btn-secondary btn-sm" onClick={add}>
            <Plus size={14} aria-hidden /> Add variable
          </button>
          <div className="form-text">What the file writes as {'${NAME}'}. They are stored encrypted.</div>
        </>
      )}
    </section>
  )
}
