import { Link } from '@tanstack/react-router'
import { CirclePause, CirclePlay, Logs, MoreHorizontal, OctagonX, Play, RotateCw, Square, Trash2, X } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useCan } from '@/features/auth'
import { containersParam } from '@/features/logs'
import { plural } from '@/format/numbers'
import { Choice } from '@/ui/Choice'
import { ConfirmName } from '@/ui/ConfirmName'
import { Dialog } from '@/ui/Dialog'
import { failureToast } from '@/ui/failureToast'
import { FormFooter, Refusal } from '@/ui/Form'
import { Menu, type MenuItem } from '@/ui/Menu'
import { Spinner } from '@/ui/States'
import { Status } from '@/ui/Status'
import { toast } from '@/ui/toast'
import { DONE, UNDO_MS } from '../api/actions'
import { useBulk, type BulkAction, type BulkOutcome } from '../api/bulk'
import { accepts, keyOf, type Action, type Container } from '../model'

interface BulkBarProps {
  containers: readonly Container[]
  onClear: () => void
}

interface Offer {
  action: Action
  label: string
  icon: ReactNode
}

const ACTIONS: readonly Offer[] = [
  { action: 'start', label: 'Start', icon: <Play size={15} aria-hidden /> },
  { action: 'stop', label: 'Stop', icon: <Square size={15} aria-hidden /> },
  { action: 'restart', label: 'Restart', icon: <RotateCw size={15} aria-hidden /> },
]

const MORE: readonly Offer[] = [
  { action: 'pause', label: 'Pause', icon: <CirclePause size={15} aria-hidden /> },
  { action: 'unpause', label: 'Resume', icon: <CirclePlay size={15} aria-hidden /> },
]

/** What can be done to the containers that are selected. */
export function BulkBar({ containers, onClear }: BulkBarProps) {
  const can = useCan()
  const bulk = useBulk({
    onSuccess: (results, { action, containers: members }) => {
      // Only those that ran before are started again.
      const stopped = members.filter(({ state }) => accepts(state, 'stop'))
      tell(action, results, action === 'stop' ? () => run('start', stopped) : undefined)
    },
    onError: (error, { action }) => failureToast(`Could not ${action} them`, error),
  })
  const [asking, setAsking] = useState<'kill' | 'remove' | null>(null)
  const [outcomes, setOutcomes] = useState<BulkOutcome[] | null>(null)
  const close = () => setAsking(null)

  function tell(action: BulkAction, results: BulkOutcome[], undo?: () => void): void {
    if (results.some(({ failure }) => failure !== null)) setOutcomes(results)
    else toast.success(`${DONE[action]} ${plural(results.length, 'container')}`, undo === undefined ? {} : { action: { label: 'Start again', onClick: undo }, duration: UNDO_MS })
  }

  function run(action: BulkAction, members = containers): void {
    bulk.mutate({ action, containers: members })
  }

  const impossible = (action: Action) => bulk.isPending || !containers.some(({ state }) => accepts(state, action))
  const more: MenuItem[] = [
    ...MORE.map(({ action, label, icon }) => ({ label, icon, disabled: impossible(action), onSelect: () => run(action) })),
    { label: 'Kill…', icon: <OctagonX size={15} aria-hidden />, danger: true, disabled: impossible('kill'), onSelect: () => setAsking('kill') },
  ]

  return (
    <div className="dl-bulk" role="toolbar" aria-label="Selected containers">
      <strong>{plural(containers.length, 'container')} selected</strong>
      {bulk.isPending && <Spinner label="Working" />}
      {ACTIONS.map(({ action, label, icon }) => (
        <button
          key={action}
          type="button"
          className="btn btn-secondary btn-sm"
          disabled={impossible(action)}
          onClick={() => run(action)}
        >
          {icon} {label}
        </button>
      ))}
      {can('logs.read') && containers.length > 1 && (
        <Link to="/logs" search={{ c: containersParam(containers) }} className="btn btn-secondary btn-sm">
          <Logs size={15} aria-hidden /> Logs together
        </Link>
      )}
      {can('containers.remove') && (
        <button type="button" className="btn btn-outline-danger btn-sm" disabled={bulk.isPending} onClick={() => setAsking('remove')}>
          <Trash2 size={15} aria-hidden /> Remove…
        </button>
      )}
      <Menu label="More actions for the selected" trigger={<MoreHorizontal size={16} aria-hidden />} triggerClass="btn btn-secondary btn-icon btn-sm" items={more} />
      <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label="Clear the selection" onClick={onClear}>
        <X size={15} aria-hidden />
      </button>
      {asking === 'kill' && (
        <KillDialog
          containers={containers}
          onClose={close}
          onKill={() => {
            close()
            run('kill')
          }}
        />
      )}
      {asking === 'remove' && (
        <RemoveDialog
          containers={containers}
          onClose={close}
          onDone={(results) => {
            close()
            tell('remove', results)
          }}
        />
      )}
      {outcomes !== null && <Outcomes outcomes={outcomes} onClose={() => setOutcomes(null)} />}
    </div>
  )
}

function KillDialog({ containers, onClose, onKill }: { containers: readonly Container[]; onClose: () => void; onKill: () => void }) {
  return (
    <Dialog title={`Kill ${plural(containers.length, 'container')}?`} onClose={onClose} onSubmit={onKill} footer={<FormFooter submit="Kill" danger busy={false} onClose={onClose} />}>
      <p>
        Their processes end at once, without a chance to save anything: {containers.map(({ name }) => name).join(', ')}. <em>Stop</em> asks them first.
      </p>
    </Dialog>
  )
}

interface RemoveDialogProps {
  containers: readonly Container[]
  onClose: () => void
  onDone: (outcomes: BulkOutcome[]) => void
}

function RemoveDialog({ containers, onClose, onDone }: RemoveDialogProps) {
  const [force, setForce] = useState(false)
  const [volumes, setVolumes] = useState(false)
  const [typed, setTyped] = useState('')
  const bulk = useBulk({ onSuccess: onDone })
  const alive = containers.filter(({ state }) => accepts(state, 'stop')).length
  const word = plural(containers.length, 'container')
  return (
    <Dialog
      title={`Remove ${word}?`}
      onClose={onClose}
      onSubmit={() => {
        if (typed === word) bulk.mutate({ action: 'remove', containers, force, volumes })
      }}
      footer={<FormFooter submit="Remove" danger busy={bulk.isPending} disabled={typed !== word} onClose={onClose} />}
    >
      <p>Their writable layers and their logs are deleted: {containers.map(({ name }) => name).join(', ')}.</p>
      {alive > 0 && <Choice checked={force} onChange={setForce} label="Kill those that run first" hint={`${plural(alive, 'container')} of them cannot be removed otherwise.`} />}
      <Choice checked={volumes} onChange={setVolumes} label="Also remove their anonymous volumes" hint="What they hold is lost for good." />
      <ConfirmName name={word} value={typed} onValue={setTyped} />
      <Refusal error={bulk.error} />
    </Dialog>
  )
}

/** What came of it, for each, when it was not done to all. */
function Outcomes({ outcomes, onClose }: { outcomes: readonly BulkOutcome[]; onClose: () => void }) {
  const failed = outcomes.filter(({ failure }) => failure !== null).length
  return (
    <Dialog
      title={`${failed} of ${plural(outcomes.length, 'container')} failed`}
      onClose={onClose}
      footer={
        <button type="button" className="btn btn-primary" data-autofocus onClick={onClose}>
          Close
        </button>
      }
    >
      <ul className="dl-outcomes">
        {[...outcomes]
          .sort((a, b) => Number(a.failure === null) - Number(b.failure === null))
          .map(({ container, failure }) => (
            <li key={keyOf(container)}>
              <Status tone={failure === null ? 'green' : 'red'}>{container.name}</Status>
              {failure !== null && <span className="dl-dim">{failure}</span>}
            </li>
          ))}
      </ul>
    </Dialog>
  )
}
