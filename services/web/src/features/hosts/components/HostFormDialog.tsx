import { PlugZap, TriangleAlert } from 'lucide-react'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import type { Host } from '../api/contract'
import { useAddHost, useChangeHost, useTestHost } from '../api/hosts'
import { SCHEMES, type Kind } from '../form/address'
import { changeOf, connectionProblems, hasProblems, hostToTry, newHost, sameConnection } from '../form/form'
import { unplaced, useHostForm, type HostFormState } from '../form/useHostForm'
import { KindField } from './KindField'
import { LabelsField } from './LabelsField'
import { SecretFields } from './SecretFields'
import { TestResult } from './TestResult'

interface HostFormDialogProps {
  /** The host to edit; null for a new one. */
  host: Host | null
  onClose: () => void
}

/** Describes a host: how it is reached, with what secrets, and its labels. It can be tried before it is saved. */
export default function HostFormDialog({ host, onClose }: HostFormDialogProps) {
  const state = useHostForm(host)
  const { form, change, check, refuse, problem } = state
  const add = useAddHost()
  const edit = useChangeHost()
  const test = useTestHost()
  const nothingChanged = host !== null && Object.keys(changeOf(form, host)).length === 0

  function save(): void {
    check('everything')
    add.reset()
    edit.reset()
    if (hasProblems(form, host)) return
    const done = (saved: Host) => {
      toast.success(`${host === null ? 'Added' : 'Saved'} ${saved.id}`)
      onClose()
    }
    if (host === null) add.mutate(newHost(form), { onSuccess: done, onError: refuse })
    else edit.mutate({ id: host.id, change: changeOf(form, host) }, { onSuccess: done, onError: refuse })
  }

  function tryIt(): void {
    check(state.checked === 'everything' ? 'everything' : 'connection')
    test.reset()
    if (Object.keys(connectionProblems(form, host)).length > 0) return
    test.mutate(host !== null && sameConnection(form, host) ? { stored: host.id } : hostToTry(form), { onError: refuse })
  }

  /** What was tried is not what stands there any more. */
  const edited: HostFormState = {
    ...state,
    change: (...changed) => {
      test.reset()
      change(...changed)
    },
    type: (...typed) => {
      test.reset()
      state.type(...typed)
    },
  }

  return (
    <Dialog
      title={host === null ? 'Add a host' : `Edit ${host.id}`}
      kind="drawer"
      keepOpen
      onClose={onClose}
      onSubmit={save}
      footer={
        <>
          <button type="button" className="btn btn-secondary dl-foot-start" disabled={test.isPending} onClick={tryIt}>
            <PlugZap size={14} aria-hidden /> Test connection
          </button>
          <FormFooter
            submit={host === null ? 'Add host' : 'Save'}
            busy={add.isPending || edit.isPending}
            disabled={nothingChanged}
            onClose={onClose}
          />
        </>
      }
    >
      {host === null && (
        <Field
          label="Name"
          hint="How the host is called in Dockline. It cannot be changed later."
          placeholder="web-1"
          className="dl-mono"
          data-autofocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={form.id}
          onValue={(id) => change({ id }, 'id')}
          error={problem('id')}
        />
      )}
      <ConnectionFields state={edited} host={host} />
      <LabelsField
        rows={form.labels}
        checked={state.checked === 'everything'}
        onRows={(labels) => change({ labels }, 'labels')}
        error={problem('labels')}
      />
      <Refusal error={unplaced(add.error ?? edit.error)} />
      <TestResult pending={test.isPending} result={test.data} error={unplaced(test.error)} />
    </Dialog>
  )
}

const ADDRESS: Record<Kind, { label: string; placeholder: string; hint: string }> = {
  unix: {
    label: 'Socket',
    placeholder: '/var/run/docker.sock',
    hint: 'Its path on the machine where Dockline runs; in a cluster, on the machine of every process.',
  },
  tcp: { label: 'Address', placeholder: '192.0.2.10:2375', hint: 'Host and port; 2375 unless you write another.' },
  tls: {
    label: 'Address',
    placeholder: 'docker.example.com:2376',
    hint: 'Host and port; 2376 unless you write another. The engine’s certificate must be made out to this host.',
  },
  ssh: {
    label: 'Address',
    placeholder: 'deploy@192.0.2.10',
    hint: 'user@host; port 22 and /var/run/docker.sock on that machine unless you write others, as user@host:2222/run/docker.sock.',
  },
}

function ConnectionFields({ state, host }: { state: HostFormState; host: Host | null }) {
  const { form, change, problem } = state
  const fixed = host?.origin === 'settings'
  return (
    <>
      <KindField kinds={fixed ? sameScheme(form.kind) : ALL_KINDS} value={form.kind} onValue={(kind) => change({ kind }, 'address', 'tls', 'ssh')} />
      {form.kind === 'tcp' && (
        <div className="dl-note dl-tone-amber">
          <TriangleAlert size={16} aria-hidden />
          <p>
            <strong>Nothing protects this connection.</strong> Whoever reaches that port controls the whole machine, and everything is sent in the
            clear. Use it only in a network that is closed to all others; everywhere else, mutual TLS or SSH.
          </p>
        </div>
      )}
      <Field
        {...ADDRESS[form.kind]}
        {...(fixed ? { hint: FIXED, readOnly: true } : {})}
        affix={SCHEMES[form.kind]}
        className="dl-mono"
        data-autofocus={host !== null || undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={form.address}
        onValue={(text) => state.type(text)}
        error={problem('address')}
      />
      <SecretFields state={state} host={host} />
    </>
  )
}

const ALL_KINDS: readonly Kind[] = ['unix', 'tcp', 'tls', 'ssh']

/** What is left to choose where the address is given. */
function sameScheme(kind: Kind): readonly Kind[] {
  return ALL_KINDS.filter((other) => SCHEMES[other] === SCHEMES[kind])
}

const FIXED = (
  <>
    From this installation’s settings, <code>DOCKER_HOST</code> or, in a cluster, <code>DOCKLINE_HOSTS</code>. Change it there and restart Dockline.
  </>
)
