import { useState, type ReactNode } from 'react'
import { ApiError } from '@/api/errors'
import { HostField } from '@/features/hosts'
import { watchJob } from '@/features/jobs'
import { bytes, count } from '@/format/numbers'
import { Choice } from '@/ui/Choice'
import { ConfirmName } from '@/ui/ConfirmName'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { Progress } from '@/ui/Progress'
import { toast } from '@/ui/toast'
import { useRestoreBackup, useUnpackIntoVolume, type Backup } from '../api/backups'
import type { Volume } from '../api/volumes'
import { VolumeOptions } from './VolumeOptions'

/** What restoring does, whichever way. */
const WHAT = 'Files of the same name are replaced; others in the volume stay as they are.'

/** Puts a tar of one's own into a volume. */
export function RestoreUploadDialog({ volume, onClose }: { volume: Pick<Volume, 'host' | 'name'>; onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null)
  const [typed, setTyped] = useState('')
  const [force, setForce] = useState(false)
  const [sent, setSent] = useState(0)
  const unpack = useUnpackIntoVolume()
  const ready = file !== null && typed === volume.name && !unpack.isPending
  return (
    <Dialog
      title={`Restore ${volume.name}`}
      keepOpen
      onClose={onClose}
      onSubmit={() => {
        if (!ready) return
        unpack.mutate(
          { host: volume.host, name: volume.name, file, force, onProgress: setSent },
          {
            onSuccess: ({ entries, bytes: size }) => {
              toast.success(`Restored ${volume.name}`, { description: `${count(entries)} entries, ${bytes(size)}` })
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Restore" danger busy={unpack.isPending} disabled={!ready} onClose={onClose} />}
    >
      <label className="dl-field">
        <span className="form-label dl-block">Archive</span>
        <input type="file" accept=".tar,application/x-tar" className="form-control" data-autofocus onChange={(event) => setFile(event.target.files?.[0] ?? null)} />
        <span className="form-text dl-block">A tar without compression. {WHAT}</span>
      </label>
      <Forced error={unpack.error} force={force} onForce={setForce} />
      <ConfirmName name={volume.name} value={typed} onValue={setTyped} />
      {unpack.isPending && (
        <>
          <Progress label="Sending the archive" value={sent} />
          <p className="dl-dim">{sent < 1 ? `${Math.floor(sent * 100)} % sent` : 'The engine unpacks it.'}</p>
        </>
      )}
      <Refusal error={unpack.error} />
    </Dialog>
  )
}

/** Puts what a backup holds into a volume: its own, or another one. */
export function RestoreBackupDialog({ backup, onClose }: { backup: Backup; onClose: () => void }) {
  const [host, setHost] = useState(backup.host)
  const [volume, setVolume] = useState(backup.volume)
  const [typed, setTyped] = useState('')
  const [force, setForce] = useState(false)
  const restore = useRestoreBackup()
  const ready = volume !== '' && typed === volume
  return (
    <Dialog
      title={`Restore a backup of ${backup.volume}`}
      keepOpen
      onClose={onClose}
      onSubmit={() => {
        if (!ready) return
        restore.mutate(
          { backup, host, volume, force },
          {
            onSuccess: ({ job }) => {
              watchJob(job.id)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Restore" danger busy={restore.isPending} disabled={!ready} onClose={onClose} />}
    >
      <HostField value={host} onValue={setHost} />
      <Field
        label="Volume"
        hint={`It has to be there. ${WHAT}`}
        className="dl-mono"
        list="dl-restore-volumes"
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={volume}
        onValue={setVolume}
        error={fieldError(restore.error, 'volume')}
      />
      <VolumeOptions id="dl-restore-volumes" host={host} />
      <Forced error={restore.error} force={force} onForce={setForce} />
      <ConfirmName name={volume} value={typed} onValue={setTyped} />
      <Refusal error={restore.error} fields={['volume']} />
    </Dialog>
  )
}

/** Offered once the server has said that containers use the volume. */
function Forced({ error, force, onForce }: { error: unknown; force: boolean; onForce: (force: boolean) => void }): ReactNode {
  const inUse = error instanceof ApiError && error.code === 'volume_in_use'
  if (!inUse && !force) return null
  return <Choice checked={force} onChange={onForce} label="Restore it although containers use it" hint="Those that run see files change while they work with them." />
}
