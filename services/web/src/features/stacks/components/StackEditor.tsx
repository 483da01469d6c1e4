import { CircleCheck } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { ApiError } from '@/api/errors'
import { Code } from '@/ui/code/Code'
import type { Mark } from '@/ui/code/marks'
import { Refusal } from '@/ui/Form'
import { Spinner } from '@/ui/States'
import { useValidate, type Variables, type Verdict } from '../api/stacks'
import { escapesIn, problemsIn } from '../model'
import { useLeaveGuard } from '../useLeaveGuard'
import { valuesOf, withMore, type Variable } from '../variables'
import { VariablesField } from './VariablesField'
import { Escapes, Problems, VerdictPanel } from './VerdictPanel'

export interface Written {
  compose: string
  variables: Variable[]
}

interface StackEditorProps {
  host: string
  name: string
  begin: Written
  /** What is missing before anything can be done with it, beside the file. */
  missing?: string | undefined
  /** What is done with a valid file: `Deploy`. */
  submit: { label: string; icon: ReactNode; busy: boolean; error: Error | null; onSubmit: (written: Written) => void }
  /** It can be done although nothing was changed. */
  unchanged?: boolean
  readOnly?: boolean
  /** Above the variables. */
  head?: ReactNode
  /** Below them. */
  foot?: ReactNode
}

const EXAMPLE = 'services:\n  web:\n    image: nginx:1.29\n    ports:\n      - "8080:80"'

/** A Compose file with its variables. It is validated before anything is done with it. */
export function StackEditor({ host, name, begin, missing, submit, unchanged = false, readOnly = false, head, foot }: StackEditorProps) {
  const [written, setWritten] = useState(begin)
  const [accepted, setAccepted] = useState(false)
  const [handed, setHanded] = useState<Written | null>(null)
  const validate = useValidate()
  const changed = written !== begin && (written.compose !== begin.compose || !sameVariables(written.variables, begin.variables))
  const guard = useLeaveGuard(changed && !(submit.busy || (handed === written && submit.error === null)))
  const refused = problemsIn(submit.error)
  const reasons = escapesIn(submit.error)
  const verdict: Verdict | undefined = validate.data
  const marks: readonly Mark[] = verdict !== undefined && !verdict.valid ? verdict.problems : refused
  const ready = missing === undefined && written.compose.trim() !== ''

  function set(change: Partial<Written>): void {
    setWritten({ ...written, ...change })
    // What it reached may be more now.
    setAccepted(false)
  }

  function check(then?: (verdict: Verdict) => void): void {
    const variables: Variables = valuesOf(written.variables)
    validate.mutate({ host, name, compose: written.compose, variables }, { onSuccess: then })
  }

  function go(): void {
    check((found) => {
      if (!found.valid || !found.may_deploy || (found.host_access.length > 0 && !accepted)) return
      setHanded(written)
      submit.onSubmit(written)
    })
  }

  return (
    <form
      className="dl-stack-edit"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) go()
      }}
    >
      <div className="dl-stack-file">
        <Code label="Compose file" language="yaml" placeholder={EXAMPLE} readOnly={readOnly} value={written.compose} marks={marks} onValue={(compose) => set({ compose })} />
        {!readOnly && (
          <div className="dl-stack-foot">
            {missing !== undefined && <span className="dl-dim">{missing}</span>}
            <button type="button" className="btn btn-secondary" disabled={!ready || validate.isPending} onClick={() => check()}>
              {validate.isPending ? <Spinner label="Validating" /> : <CircleCheck size={15} aria-hidden />} Validate
            </button>
            <button type="submit" className="btn btn-primary" disabled={!ready || validate.isPending || submit.busy || !(changed || unchanged)}>
              {submit.busy ? <Spinner /> : submit.icon} {submit.label}
            </button>
          </div>
        )}
      </div>
      <div className="dl-stack-side dl-stack">
        {head}
        {validate.error !== null && <Refusal error={validate.error} />}
        {verdict !== undefined && (
          <VerdictPanel
            verdict={verdict}
            accepted={accepted}
            onAccepted={setAccepted}
            onAddVariables={(names) => set({ variables: withMore(written.variables, names.map((variable) => ({ name: variable, value: '' }))) })}
          />
        )}
        {refused.length > 0 && verdict?.valid !== false && <Problems problems={refused} />}
        {reasons.length > 0 && (verdict?.host_access.length ?? 0) === 0 && <Escapes reasons={reasons} allowed={false} accepted={false} onAccepted={setAccepted} />}
        {refused.length + reasons.length === 0 && <Refusal error={submit.error} fields={['name']} />}
        <VariablesField variables={written.variables} readOnly={readOnly} onVariables={(variables) => set({ variables })} errorOf={(variable) => errorOf(submit.error ?? validate.error, variable)} />
        {foot}
      </div>
      {guard}
    </form>
  )
}

function errorOf(error: Error | null, variable: string): string | undefined {
  return error instanceof ApiError ? error.fields.find(({ field }) => field === `variables.${variable}`)?.message : undefined
}

function sameVariables(one: readonly Variable[], other: readonly Variable[]): boolean {
  return JSON.stringify(valuesOf(one)) === JSON.stringify(valuesOf(other))
}
