import { useState } from 'react'
import { useCan } from '@/features/auth'
import { HostField, useOnlyHost } from '@/features/hosts'
import { bytes, plural } from '@/format/numbers'
import { ConfirmName } from '@/ui/ConfirmName'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { PairsField, recordOf, type Pair } from '@/ui/PairsField'
import { PruneDialog, PruneList } from '@/ui/PruneDialog'
import { Segmented } from '@/ui/Segmented'
import { toast } from '@/ui/toast'
import { pruneQuery, useCreateVolume, usePruneVolumes, useRemoveVolume, type UnusedVolumes, type Volume } from '../api/volumes'
import { titleOf } from '../model'

interface OnHostProps {
  /** The host that is looked at. */
  host: string | undefined
  onClose: () => void
}

export function CreateVolumeDialog({ host: preferred, onClose }: OnHostProps) {
  const escape = useCan()('host.escape')
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [name, setName] = useState('')
  const [labels, setLabels] = useState<Pair[]>([])
  const [options, setOptions] = useState<Pair[]>([])
  const create = useCreateVolume()
  const host = chosen ?? first
  const wrong = name === '' || /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/.test(name) ? undefined : 'Use 2 to 255 letters, digits, “_”, “.” or “-”.'
  return (
    <Dialog
      title="Create a volume"
      onClose={onClose}
      keepOpen
      onSubmit={() => {
        if (host === '' || wrong !== undefined) return
        create.mutate(
          { host, volume: { name: name === '' ? null : name, labels: recordOf(labels), options: recordOf(options) } },
          {
            onSuccess: (volume) => {
              toast.success(`Created ${volume.name}`)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Create volume" busy={create.isPending} disabled={host === ''} onClose={onClose} />}
    >
      <HostField value={host} onValue={setHost} />
      <Field
        label="Name"
        hint="The engine invents one where none is written."
        className="dl-mono"
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={name}
        onValue={setName}
        error={wrong ?? fieldError(create.error, 'name')}
      />
      <PairsField title="Labels" noun="label" pairs={labels} onPairs={setLabels} placeholder={{ key: 'backup', value: 'daily' }} error={fieldError(create.error, 'labels')} />
      <PairsField
        title="Options"
        noun="option"
        pairs={options}
        onPairs={setOptions}
        placeholder={{ key: 'type', value: 'tmpfs' }}
        hint={
          escape
            ? 'type, o, device and size, as mount takes them. What is mounted so is mounted with the rights of the host.'
            : 'type tmpfs with a size, for a volume in memory. Other mounts reach the host and need an administrator.'
        }
        error={fieldError(create.error, 'options')}
      />
      <Refusal error={create.error} fields={['name', 'labels', 'options']} />
    </Dialog>
  )
}

interface RemoveVolumeProps {
  volume: Pick<Volume, 'host' | 'name' | 'anonymous'>
  onClose: () => void
  onRemoved?: () => void
}

export function RemoveVolumeDialog({ volume, onClose, onRemoved }: RemoveVolumeProps) {
  const [typed, setTyped] = useState('')
  const remove = useRemoveVolume()
  const title = titleOf(volume)
  return (
    <Dialog
      title={`Remove ${title}?`}
      onClose={onClose}
      onSubmit={() => {
        if (typed !== title) return
        remove.mutate(volume, {
          onSuccess: () => {
            toast.success(`Removed ${title}`)
            onClose()
            onRemoved?.()
          },
        })
      }}
      footer={<FormFooter submit="Remove volume" danger busy={remove.isPending} disabled={typed !== title} onClose={onClose} />}
    >
      <p>Everything in it is deleted on {volume.host}, for good.</p>
      <ConfirmName name={title} value={typed} onValue={setTyped} />
      <Refusal error={remove.error} />
    </Dialog>
  )
}

/** What is typed before volumes with names are removed. */
const WORD = 'remove'

export function PruneVolumesDialog({ host: preferred, onClose }: OnHostProps) {
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [volumes, setVolumes] = useState<UnusedVolumes>('anonymous')
  const [typed, setTyped] = useState('')
  const prune = usePruneVolumes()
  const host = chosen ?? first
  return (
    <PruneDialog
      title="Remove unused volumes"
      preview={{ ...pruneQuery(host, volumes), enabled: host !== '' }}
      nothing={({ items }) => items.length === 0}
      prune={{
        ...prune,
        mutate: () =>
          prune.mutate(
            { host, volumes },
            {
              onSuccess: ({ removed, reclaimed_bytes }) => {
                toast.success(`Removed ${plural(removed.length, 'volume')}`, { description: `${bytes(reclaimed_bytes)} are free again on ${host}.` })
                onClose()
              },
            },
          ),
      }}
      choices={
        <>
          <HostField value={host} onValue={setHost} />
          <Segmented
            label="Which"
            value={volumes}
            options={[
              { value: 'anonymous', label: 'Without a name' },
              { value: 'all', label: 'All that no container uses' },
            ]}
            onValue={setVolumes}
          />
        </>
      }
      confirm={<ConfirmName name={WORD} value={typed} onValue={setTyped} />}
      confirmed={typed === WORD}
      onClose={onClose}
    >
      {({ items, total_bytes }) => (
        <>
          <p>
            {plural(items.length, 'volume')} with everything in them, <strong>{bytes(total_bytes)}</strong> as far as it is known:
          </p>
          <PruneList
            label="Volumes to remove"
            items={items.map(({ name, size_bytes, stack }) => ({ key: name, name, side: [stack, size_bytes == null ? null : bytes(size_bytes)].filter(Boolean).join(' · ') }))}
          />
        </>
      )}
    </PruneDialog>
  )
}
