import { useState } from 'react'
import { ApiError } from '@/api/errors'
import { fieldError } from '@/ui/Form'
import type { Host } from '../api/contract'
import { readTyped, type Kind } from './address'
import { connectionProblems, FIELDS, formOf, problemsOf, type FieldName, type HostForm, type Problems } from './form'

/** Which fields have been judged so far: none while somebody still fills them in. */
type Checked = 'nothing' | 'connection' | 'everything'

/** The state of the form: what is in it, and what is wrong with which field. */
export function useHostForm(host: Host | null) {
  const [form, setForm] = useState(() => formOf(host))
  const [checked, setChecked] = useState<Checked>('nothing')
  const [refusal, setRefusal] = useState<unknown>(null)
  const [mended, setMended] = useState<ReadonlySet<string>>(new Set())

  /** Changes the form; what the server said about these fields is settled by it. */
  function change(changed: Partial<HostForm>, ...fields: FieldName[]): void {
    setForm((before) => ({ ...before, ...changed }))
    if (fields.length > 0) setMended((before) => new Set([...before, ...fields]))
  }

  function type(text: string, kind: Kind = form.kind): void {
    change(readTyped(text, kind), 'address', 'tls', 'ssh')
  }

  function check(what: Checked): void {
    setChecked(what)
    setRefusal(null)
    setMended(new Set())
    focusFirstProblem()
  }

  function refuse(error: unknown): void {
    setRefusal(error)
    // A secret that the server wants to have again cannot be entered where it is only said to be stored.
    if (secretIsWanted(error)) setForm((before) => ({ ...before, replace: true }))
    focusFirstProblem()
  }

  const own = ownProblems(form, host, checked)
  function problem(field: FieldName): string | undefined {
    return own[field] ?? (mended.has(field) ? undefined : serverProblem(refusal, field))
  }

  return { form, change, type, check, checked, refuse, problem }
}

export type HostFormState = ReturnType<typeof useHostForm>

function ownProblems(form: HostForm, host: Host | null, checked: Checked): Problems {
  if (checked === 'nothing') return {}
  return checked === 'connection' ? connectionProblems(form, host) : problemsOf(form, host)
}

/** What the server said about a field. */
export function serverProblem(error: unknown, field: FieldName): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  if (field === 'id' && error.code === 'host_exists') return error.message
  return fieldError(error, field)
}

/** An error that no field shows. */
export function unplaced(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error
  const somePlace = FIELDS.some((field) => serverProblem(error, field) !== undefined)
  const everyPlace = error.fields.every(({ field }) => FIELDS.some((known) => known === field))
  return somePlace && everyPlace ? null : error
}

function secretIsWanted(error: unknown): boolean {
  return error instanceof ApiError && error.fields.some(({ field }) => /^(tls|ssh)(\.|$)/.test(field))
}

/** Once it is drawn: whoever uses a keyboard or a screen reader is led to what is to be mended. */
function focusFirstProblem(): void {
  setTimeout(() => document.querySelector<HTMLElement>('dialog[open] [aria-invalid="true"]')?.focus())
}
