import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import { Choice } from '@/ui/Choice'
import { ConfirmName } from '@/ui/ConfirmName'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Refusal } from '@/ui/Form'
import { Spinner } from '@/ui/States'
import { useOperate, useRemove, useRename } from '../api/actions'
import type { OpenDialog } from '../dialogs'
import type { Container } from '../model'
import { CommitDialog } from './CommitDialog'
import { LimitsDialog } from './LimitsDialog'
import { RecreateDialog } from './RecreateDialog'

interface ContentProps {
  container: Container
  onClose: () => void
}

export default function DialogContent({ dialog, onClose }: { dialog: OpenDialog; onClose: () => void }) {
  const props = { container: dialog.container, onClose }
  switch (dialog.kind) {
    case 'kill':
      return <KillDialog {...props} />
    case 'rename':
      return <RenameDialog {...props} />
    case 'remove':
      return <RemoveDialog {...props} />
    case 'limits':
      return <LimitsDialog {...props} />
    case 'commit':
      return <CommitDialog {...props} />
    case 'recreate':
      return <RecreateDialog {...props} />
  }
}

function KillDialog({ container, onClose }: ContentProps) {
  const operate = useOperate()
  return (
    <Dialog
      title={`Kill ${container.name}?`}
      onClose={onClose}
      onSubmit={() => {
        operate(container, 'kill')
        onClose()
      }}
      footer={
        <>
          <button type="button" className="btn btn-secondary" onClick={onClose} data-autofocus>
            Cancel
          </button>
          <button type="submit" className="btn btn-danger">
            Kill
          </button>
        </>
      }
    >
      <p>
        Its processes end at once, without a chance to save anything. <em>Stop</em> asks them first.
      </p>
    </Dialog>
  )
}

function RenameDialog({ container, onClose }: ContentProps) {
  const [name, setName] = useState(container.name)
  const [checked, setChecked] = useState(false)
  const rename = useRename()
  const wrong = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/.test(name)
    ? undefined
    : 'Use 2 to 128 letters, digits, “_”, “.” or “-”, beginning with a letter or digit.'
  const error = checked ? (wrong ?? (rename.isError ? messageOf(rename.error) : undefined)) : undefined
  return (
    <Dialog
      title={`Rename ${container.name}`}
      onClose={onClose}
      onSubmit={() => {
        setChecked(true)
        if (wrong === undefined) rename.mutate({ container, name }, { onSuccess: onClose })
      }}
      footer={
        <>
          <button type="button" className="btn btn-secondary" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={rename.isPending || name === container.name}>
            {rename.isPending && <Spinner label="Renaming" />} Rename
          </button>
        </>
      }
    >
      <Field label="New name" data-autofocus className="dl-mono" value={name} onValue={setName} error={error} spellCheck={false} />
    </Dialog>
  )
}

function RemoveDialog({ container, onClose }: ContentProps) {
  const alive = ['running', 'paused', 'restarting'].includes(container.state)
  const [force, setForce] = useState(false)
  const [volumes, setVolumes] = useState(false)
  const [typed, setTyped] = useState('')
  const remove = useRemove()
  const leave = useLeaveWhenShown(container)
  const mustType = force || volumes
  const allowed = (!alive || force) && (!mustType || typed === container.name)
  return (
    <Dialog
      title={`Remove ${container.name}?`}
      onClose={onClose}
      onSubmit={() => {
        if (!allowed) return
        remove.mutate(
          { container, force, volumes },
          {
            onSuccess: () => {
              onClose()
              leave()
            },
          },
        )
      }}
      footer={
        <>
          <button type="button" className="btn btn-secondary" onClick={onClose} data-autofocus>
            Cancel
          </button>
          <button type="submit" className="btn btn-danger" disabled={!allowed || remove.isPending}>
            {remove.isPending && <Spinner label="Removing" />} Remove
          </button>
        </>
      }
    >
      <p>Its writable layer and its log are deleted. Its image and its named volumes stay.</p>
      {alive && (
        <Choice checked={force} onChange={setForce} label="Kill it first" hint={`It is ${container.state}; only a forced removal ends it.`} />
      )}
      <Choice
        checked={volumes}
        onChange={setVolumes}
        label="Also remove its anonymous volumes"
        hint="What they hold is lost for good."
      />
      {mustType && <ConfirmName name={container.name} value={typed} onValue={setTyped} />}
      <Refusal error={remove.error} />
    </Dialog>
  )
}

/** After a removal the container's own page has nothing to show any more. */
function useLeaveWhenShown(container: Container): () => void {
  const navigate = useNavigate()
  const shown = useRouterState({ select: (state) => state.location.pathname.includes(container.id) })
  return () => {
    if (shown) void navigate({ to: '/containers' })
  }
}
