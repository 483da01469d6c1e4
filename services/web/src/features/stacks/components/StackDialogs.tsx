import { useState } from 'react'
import { watchJob } from '@/features/jobs'
import { Choice } from '@/ui/Choice'
import { ConfirmName } from '@/ui/ConfirmName'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { Spinner } from '@/ui/States'
import { useRemoveStack, useUpdateStack, type Stack } from '../api/stacks'
import type { Intent } from './StackActions'

interface StackDialogsProps {
  intent: Intent | null
  onClose: () => void
  onRemoved?: () => void
}

/** The dialog for what somebody wants to do. */
export function StackDialogs({ intent, onClose, onRemoved }: StackDialogsProps) {
  switch (intent?.kind) {
    case undefined:
      return null
    case 'update':
      return <UpdateDialog stack={intent.stack} onClose={onClose} />
    case 'remove':
      return <RemoveDialog stack={intent.stack} onClose={onClose} onRemoved={onRemoved} />
  }
}

function UpdateDialog({ stack, onClose }: { stack: Stack; onClose: () => void }) {
  const [pull, setPull] = useState(true)
  const update = useUpdateStack()
  return (
    <Dialog
      title={`Deploy ${stack.name} again`}
      onClose={onClose}
      onSubmit={() =>
        update.mutate(
          { host: stack.host, name: stack.name, update: { pull: pull ? 'always' : 'missing' } },
          {
            onSuccess: ({ job }) => {
              watchJob(job.id)
              onClose()
            },
          },
        )
      }
      footer={<FormFooter submit="Deploy" busy={update.isPending} onClose={onClose} />}
    >
      <p>The newest revision of its file is brought up on {stack.host}. Containers that are as the file says keep running.</p>
      <Choice checked={pull} onChange={setPull} label="Pull newer images first" hint="Services whose image has changed get new containers." />
      <Refusal error={update.error} />
    </Dialog>
  )
}

function RemoveDialog({ stack, onClose, onRemoved }: { stack: Stack; onClose: () => void; onRemoved?: (() => void) | undefined }) {
  const [volumes, setVolumes] = useState(false)
  const [keepFile, setKeepFile] = useState(false)
  const [typed, setTyped] = useState('')
  const remove = useRemoveStack()
  const confirmed = typed === stack.name
  const there = stack.state !== 'absent'
  return (
    <Dialog
      title={`Remove ${stack.name}?`}
      onClose={onClose}
      onSubmit={() => {
        if (!confirmed) return
        remove.mutate(
          { host: stack.host, name: stack.name, volumes, keepFile },
          {
            onSuccess: ({ job }) => {
              watchJob(job.id)
              onClose()
              onRemoved?.()
            },
          },
        )
      }}
      footer={
        <>
          <button type="button" className="btn btn-secondary" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-danger" disabled={!confirmed || remove.isPending}>
            {remove.isPending && <Spinner label="Removing" />} Remove stack
          </button>
        </>
      }
    >
      <p>
        {there ? `Its ${stack.total === 1 ? 'container is' : `${stack.total} containers are`} stopped and deleted on ${stack.host}, and its networks.` : 'It has no containers.'}
        {stack.managed && !keepFile && ' Its file is forgotten, with all revisions.'}
        {!stack.managed && ' The file that it was made of is not touched.'}
      </p>
      {there && <Choice checked={volumes} onChange={setVolumes} label="Also remove its volumes" hint="What they hold is lost for good." />}
      {stack.managed && there && <Choice checked={keepFile} onChange={setKeepFile} label="Keep its file" hint="It can be deployed again from there." />}
      <ConfirmName name={stack.name} value={typed} onValue={setTyped} />
      <Refusal error={remove.error} />
    </Dialog>
  )
}
