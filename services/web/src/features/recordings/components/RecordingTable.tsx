import { Link } from '@tanstack/react-router'
import { Download, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { bytes } from '@/format/numbers'
import { dateTime, playTime } from '@/format/time'
import { Ago } from '@/ui/Ago'
import { DataTable, type Column } from '@/ui/DataTable'
import { Status } from '@/ui/Status'
import { downloadCast, type Recording } from '../api/recordings'
import { commandOf, outcomeOf } from '../model'
import { RemoveRecordingDialog } from './RemoveRecordingDialog'

const COLUMNS: readonly Column<Recording>[] = [
  {
    name: 'container',
    label: 'Terminal in',
    className: 'dl-col-name',
    cellClass: 'dl-card-title',
    bare: true,
    cell: (recording) => (
      <Link to="/admin/recordings/$id" params={{ id: recording.id }} className="dl-strong dl-ellipsis" data-row title={`Watch what ran in ${recording.container_name}`}>
        {recording.container_name}
      </Link>
    ),
  },
  { name: 'state', label: 'End', className: 'dl-col-state', bare: true, cell: (recording) => <Outcome recording={recording} /> },
  { name: 'user', label: 'User', cellClass: 'dl-dim dl-ellipsis', title: ({ user }) => user.name, cell: ({ user }) => user.name },
  { name: 'command', label: 'Command', cellClass: 'dl-mono dl-dim dl-ellipsis', title: commandOf, cell: (recording) => (recording.command == null ? <span className="dl-faint">{recording.readable ? 'shell' : 'unknown'}</span> : commandOf(recording)) },
  { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', cell: ({ host }) => host },
  { name: 'length', label: 'Length', className: 'dl-col-size', cellClass: 'dl-dim', title: (recording) => bytes(recording.bytes), cell: ({ seconds }) => playTime(seconds) },
  { name: 'started', label: 'Begun', className: 'dl-col-time', cellClass: 'dl-dim', title: ({ started_at }) => dateTime(started_at), cell: ({ started_at }) => <Ago at={started_at} /> },
]

/** Recorded terminals, the newest first. */
export function RecordingTable({ recordings }: { recordings: readonly Recording[] }) {
  const manage = useCan()('recordings.manage')
  const [removed, setRemoved] = useState<Recording | null>(null)
  return (
    <>
      <DataTable
        label="Recordings"
        items={recordings}
        columns={COLUMNS}
        keyOf={({ id }) => id}
        nameOf={nameOf}
        dataOf={({ id }) => ({ 'data-recording': id })}
        sort=""
        descending={false}
        onSort={() => undefined}
        actions={(recording) => (
          <div className="dl-row-actions">
            <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label={`Download the ${nameOf(recording)}`} title="Download" onClick={() => void downloadCast(recording)}>
              <Download size={15} aria-hidden />
            </button>
            {manage && (
              <button
                type="button"
                className="btn btn-ghost btn-icon btn-sm"
                aria-label={`Delete the ${nameOf(recording)}`}
                title={recording.state === 'recording' ? 'It goes on' : 'Delete'}
                disabled={recording.state === 'recording'}
                onClick={() => setRemoved(recording)}
              >
                <Trash2 size={15} aria-hidden />
              </button>
            )}
          </div>
        )}
      />
      {removed !== null && <RemoveRecordingDialog recording={removed} onClose={() => setRemoved(null)} />}
    </>
  )
}

const nameOf = ({ container_name, started_at }: Recording) => `recording of ${container_name} of ${dateTime(started_at)}`

export function Outcome({ recording }: { recording: Recording }) {
  const { word, tone } = outcomeOf(recording)
  return (
    <Status tone={tone} busy={recording.state === 'recording'}>
      {word}
    </Status>
  )
}
