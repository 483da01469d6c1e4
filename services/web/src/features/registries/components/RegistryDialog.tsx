import { CircleAlert, CircleCheck, PlugZap } from 'lucide-react'
import { useState } from 'react'
import { ApiError } from '@/api/errors'
import { HostField, useOnlyHost } from '@/features/hosts'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { FormFooter, Refusal } from '@/ui/Form'
import { Segmented } from '@/ui/Segmented'
import { Spinner } from '@/ui/States'
import { toast } from '@/ui/toast'
import { useAddRegistry, useTestRegistry, useUpdateRegistry, type Registry, type TestOutcome } from '../api/registries'
import { changeOf, fieldOf, formOf, needsSecret, problemsOf, writtenOf, type Problems, type RegistryForm } from '../form'

interface RegistryDialogProps {
  /** Absent for a new one. */
  registry?: Registry
  onClose: () => void
}

/** With which name and password images of a registry are had. */
export function RegistryDialog({ registry, onClose }: RegistryDialogProps) {
  const [form, setForm] = useState<RegistryForm>(() => formOf(registry))
  const [problems, setProblems] = useState<Problems>({})
  const first = useOnlyHost(undefined)
  const [chosen, setHost] = useState<string | null>(null)
  const add = useAddRegistry()
  const update = useUpdateRegistry()
  const test = useTestRegistry()
  const host = chosen ?? first
  const error = add.error ?? update.error
  const keeps = registry !== undefined && !needsSecret(form, registry)

  function set(change: Partial<RegistryForm>): void {
    setForm({ ...form, ...change })
    setProblems(Object.fromEntries(Object.entries(problems).filter(([field]) => !(field in change))))
    test.reset()
  }

  function checked(then: () => void): void {
    const found = problemsOf(form, registry)
    setProblems(found)
    if (Object.keys(found).length === 0) then()
  }

  function save(): void {
    const done = {
      onSuccess: ({ address }: Registry) => {
        toast.success(`${registry === undefined ? 'Added' : 'Changed'} ${address}`)
        onClose()
      },
      onError: (refused: unknown) => setProblems(serverProblems(refused)),
    }
    if (registry === undefined) add.mutate(writtenOf(form), done)
    else update.mutate({ id: registry.id, change: changeOf(form, registry) }, done)
  }

  function tryIt(): void {
    const onError = (refused: unknown) => setProblems(serverProblems(refused))
    if (registry !== undefined && keeps && form.secret === '') test.mutate({ host, stored: registry.id }, { onError })
    else test.mutate({ host, written: writtenOf(form) }, { onError })
  }

  const placed = error instanceof ApiError ? error.fields.filter(({ field }) => fieldOf(field) !== undefined).map(({ field }) => field) : []
  return (
    <Dialog
      title={registry === undefined ? 'Add a registry' : `Edit ${registry.address}`}
      keepOpen
      onClose={onClose}
      onSubmit={() => checked(save)}
      footer={<FormFooter submit={registry === undefined ? 'Add registry' : 'Save'} busy={add.isPending || update.isPending} onClose={onClose} />}
    >
      <Field
        label="Address"
        placeholder="registry.example.org:5000"
        hint="docker.io for Docker Hub."
        className="dl-mono"
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={form.address}
        onValue={(address) => set({ address })}
        error={problems.address}
      />
      <Segmented
        label="Signs in with"
        value={form.kind}
        options={[
          { value: 'password', label: 'Name and password' },
          { value: 'identity_token', label: 'Identity token' },
        ]}
        onValue={(kind) => set({ kind })}
      />
      {form.kind === 'password' && (
        <Field label="Username" autoComplete="off" autoCapitalize="none" spellCheck={false} value={form.username} onValue={(username) => set({ username })} error={problems.username} />
      )}
      <Field
        type="password"
        label={form.kind === 'password' ? 'Password' : 'Token'}
        hint={keeps ? 'The stored one is kept where nothing is written.' : 'It is stored encrypted and never shown.'}
        autoComplete="new-password"
        value={form.secret}
        onValue={(secret) => set({ secret })}
        error={problems.secret}
      />
      <fieldset className="dl-field dl-stack dl-test">
        <legend className="form-label">Try it</legend>
        <HostField value={host} onValue={setHost} />
        <div>
          <button type="button" className="btn btn-secondary" disabled={host === '' || test.isPending} onClick={() => checked(tryIt)}>
            {test.isPending ? <Spinner label="Signing in" /> : <PlugZap size={15} aria-hidden />} Sign in from this host
          </button>
        </div>
        {test.data !== undefined && <Outcome outcome={test.data} />}
        <Refusal error={test.error} fields={Object.keys(problems).length > 0 ? ['address', 'username', 'password', 'identity_token'] : []} />
      </fieldset>
      <Refusal error={error} fields={placed} />
    </Dialog>
  )
}

/** What the registry said to the engine. */
export function Outcome({ outcome: { ok, error, status } }: { outcome: TestOutcome }) {
  return (
    <div className={`dl-note dl-tone-${ok ? 'green' : 'red'}`} role={ok ? 'status' : 'alert'}>
      {ok ? <CircleCheck size={16} aria-hidden /> : <CircleAlert size={16} aria-hidden />}
      <p>{ok ? (status ?? 'The registry takes them.') : (error ?? 'The registry does not take them.')}</p>
    </div>
  )
}

function serverProblems(error: unknown): Problems {
  if (!(error instanceof ApiError)) return {}
  const problems: Problems = {}
  for (const { field, message } of error.fields) {
    const own = fieldOf(field)
    if (own !== undefined) problems[own] ??= message
  }
  return problems
}
