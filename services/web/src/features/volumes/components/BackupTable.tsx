import { Link } from '@tanstack/react-router'
import { Download, History, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { bytes } from '@/format/numbers'
import { dateTime } from '@/format/time'
import { Ago } from '@/ui/Ago'
import { ConfirmName } from '@/ui/ConfirmName'
import { DataTable, type Column } from '@/ui/DataTable'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import { downloadBackup, useRemoveBackup, type Backup } from '../api/backups'
import { RestoreBackupDialog } from './RestoreDialogs'

interface BackupTableProps {
  backups: readonly Backup[]
  /** All are of one volume, whose name says nothing then. */
  ofOne?: boolean
}

type Intent = { kind: 'restore' | 'remove'; backup: Backup } | null

/** Backups, the newest first, with what can be done with them. */
export function BackupTable({ backups, ofOne = false }: BackupTableProps) {
  const can = useCan()
  const [intent, setIntent] = useState<Intent>(null)
  const close = () => setIntent(null)
  const columns: readonly Column<Backup>[] = [
    { name: 'created', label: 'Made', className: 'dl-col-time', cellClass: ofOne ? 'dl-card-title' : 'dl-dim', bare: ofOne, title: ({ created_at }) => dateTime(created_at), cell: ({ created_at }) => <Ago at={created_at} /> },
    ...(ofOne ? [] : [VOLUME, HOST]),
    { name: 'size', label: 'Size', className: 'dl-col-size', cellClass: 'dl-dim', cell: (backup) => bytes(backup.bytes) },
    { name: 'by', label: 'By', cellClass: 'dl-dim', cell: ({ schedule, created_by }) => (schedule == null ? created_by.name : `${created_by.name}, by a schedule`) },
    { name: 'sha256', label: 'SHA-256', cellClass: 'dl-mono dl-dim dl-ellipsis', title: ({ sha256 }) => sha256, cell: ({ sha256 }) => sha256.slice(0, 16) },
  ]
  return (
    <>
      <DataTable
        label="Backups"
        items={backups}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={nameOf}
        dataOf={({ id }) => ({ 'data-backup': id })}
        sort=""
        descending={false}
        onSort={() => undefined}
        actions={(backup) => (
          <div className="dl-row-actions">
            {can('files.read') && (
              <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label={`Download the ${nameOf(backup)}`} title="Download" onClick={() => void downloadBackup(backup)}>
                <Download size={15} aria-hidden />
              </button>
            )}
            {can('volumes.manage') && (
              <>
                <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label={`Restore the ${nameOf(backup)}`} title="Restore" onClick={() => setIntent({ kind: 'restore', backup })}>
                  <History size={15} aria-hidden />
                </button>
                <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label={`Remove the ${nameOf(backup)}`} title="Remove" onClick={() => setIntent({ kind: 'remove', backup })}>
                  <Trash2 size={15} aria-hidden />
                </button>
              </>
            )}
          </div>
        )}
      />
      {intent?.kind === 'restore' && <RestoreBackupDialog backup={intent.backup} onClose={close} />}
      {intent?.kind === 'remove' && <RemoveBackupDialog backup={intent.backup} onClose={close} />}
    </>
  )
}

const VOLUME: Column<Backup> = {
  name: 'volume',
  label: 'Volume',
  className: 'dl-col-wide',
  cellClass: 'dl-card-title',
  bare: true,
  cell: ({ host, volume }) => (
    <Link to="/hosts/$host/volumes/$name" params={{ host, name: volume }} search={{ tab: 'backups' }} className="dl-strong dl-ellipsis" data-row title={volume}>
      {volume}
    </Link>
  ),
}

const HOST: Column<Backup> = { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', cell: ({ host }) => host }

const nameOf = ({ volume, created_at }: Backup) => `backup of ${volume} of ${dateTime(created_at)}`

function RemoveBackupDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const remove = useRemoveBackup()
  return (
    <Dialog
      title="Remove the backup?"
      onClose={onClose}
      onSubmit={() => {
        if (typed !== backup.volume) return
        remove.mutate(backup.id, {
          onSuccess: () => {
            toast.success(`Removed the ${nameOf(backup)}`)
            onClose()
          },
        })
      }}
      footer={<FormFooter submit="Remove backup" danger busy={remove.isPending} disabled={typed !== backup.volume} onClose={onClose} />}
    >
      <p>
        The {nameOf(backup)}, {bytes(backup.bytes)}, is deleted for good. The volume stays as it is.
      </p>
      <ConfirmName name={backup.volume} value={typed} onValue={setTyped} />
      <Refusal error={remove.error} />
    </Dialog>
  )
}
