import { lazy, Suspense, useState } from 'react'
import { HostField, useOnlyHost } from '@/features/hosts'
import { imageName } from '@/format/names'
import { bytes, plural } from '@/format/numbers'
import { Choice } from '@/ui/Choice'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { PruneDialog, PruneList } from '@/ui/PruneDialog'
import { Segmented } from '@/ui/Segmented'
import { toast } from '@/ui/toast'
import { pruneQuery, useImportImages, usePruneImages, useRemoveImage, useTagImage, type Image, type UnusedImages } from '../api/images'
import { titleOf } from '../model'
import type { Intent } from './ImageActions'
import { PullDialog } from './PullDialog'
import { PushDialog } from './PushDialog'

const BuildDialog = lazy(() => import('./BuildDialog'))

interface ImageDialogsProps {
  intent: Intent | null
  /** The host that is looked at. */
  host: string | undefined
  onClose: () => void
  onRemoved?: () => void
}

/** The dialog for what somebody wants to do. */
export function ImageDialogs({ intent, host, onClose, onRemoved }: ImageDialogsProps) {
  switch (intent?.kind) {
    case undefined:
      return null
    case 'pull':
      return <PullDialog host={host} onClose={onClose} />
    case 'build':
      return (
        <Suspense fallback={null}>
          <BuildDialog host={host} onClose={onClose} />
        </Suspense>
      )
    case 'push':
      return <PushDialog image={intent.image} onClose={onClose} />
    case 'import':
      return <ImportDialog host={host} onClose={onClose} />
    case 'prune':
      return <PruneImages host={host} onClose={onClose} />
    case 'tag':
      return <TagDialog image={intent.image} onClose={onClose} />
    case 'remove':
      return <RemoveDialog image={intent.image} onClose={onClose} onRemoved={onRemoved} />
  }
}

function TagDialog({ image, onClose }: { image: Image; onClose: () => void }) {
  const [reference, setReference] = useState('')
  const tag = useTagImage()
  return (
    <Dialog
      title={`Tag ${titleOf(image)}`}
      onClose={onClose}
      onSubmit={() =>
        tag.mutate(
          { host: image.host, id: image.id, reference: reference.trim() },
          {
            onSuccess: () => {
              toast.success(`Tagged ${titleOf(image)} as ${reference.trim()}`)
              onClose()
            },
          },
        )
      }
      footer={<FormFooter submit="Add tag" busy={tag.isPending} disabled={reference.trim() === ''} onClose={onClose} />}
    >
      <Field
        label="New name"
        hint="With its registry where it has one; the tag is latest where none is written."
        placeholder="registry.example.org/web:1.4"
        className="dl-mono"
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={reference}
        onValue={setReference}
        error={fieldError(tag.error, 'reference')}
      />
      <Refusal error={tag.error} fields={['reference']} />
    </Dialog>
  )
}

function RemoveDialog({ image, onClose, onRemoved }: { image: Image; onClose: () => void; onRemoved?: (() => void) | undefined }) {
  const [force, setForce] = useState(false)
  const remove = useRemoveImage()
  const name = titleOf(image)
  const tagged = image.tags.length > 1
  const used = image.containers.length > 0
  return (
    <Dialog
      title={`Remove ${name}?`}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(
          { image, force },
          {
            onSuccess: ({ deleted }) => {
              toast.success(`Removed ${name}`, { description: `${plural(deleted.length, 'image or layer', 'images and layers')} deleted.` })
              onClose()
              onRemoved?.()
            },
          },
        )
      }
      footer={<FormFooter submit="Remove" danger busy={remove.isPending} disabled={used && !force} onClose={onClose} />}
    >
      <p>Its layers are deleted from {image.host}, as far as no other image has them. It can be pulled again only if a registry has it.</p>
      {tagged && (
        <p>
          It goes with all its names: {image.tags.map(imageName).join(', ')}.
        </p>
      )}
      {used && (
        <>
          <p>{plural(image.containers.length, 'container was', 'containers were')} made of it: {image.containers.map((container) => container.name).join(', ')}.</p>
          <Choice checked={force} onChange={setForce} label="Remove it all the same" hint="Containers that have ended keep working until they are removed; those that run prevent it." />
        </>
      )}
      <Refusal error={remove.error} />
    </Dialog>
  )
}

function ImportDialog({ host: preferred, onClose }: { host: string | undefined; onClose: () => void }) {
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [file, setFile] = useState<File | null>(null)
  const load = useImportImages()
  const host = chosen ?? first
  return (
    <Dialog
      title="Import images"
      onClose={onClose}
      keepOpen
      onSubmit={() => {
        if (file === null || host === '') return
        load.mutate(
          { host, file },
          {
            onSuccess: ({ loaded }) => {
              toast.success(`Imported ${loaded.map(imageName).join(', ')}`)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Import" busy={load.isPending} disabled={file === null || host === ''} onClose={onClose} />}
    >
      <HostField value={host} onValue={setHost} />
      <label className="dl-field">
        <span className="form-label dl-block">Archive</span>
        <input type="file" className="form-control" accept=".tar,.tar.gz,.tgz" onChange={(event) => setFile(event.target.files?.[0] ?? null)} />
        <span className="form-text dl-block">A tar that docker save has written, also compressed.</span>
      </label>
      <Refusal error={load.error} />
    </Dialog>
  )
}

function PruneImages({ host: preferred, onClose }: { host: string | undefined; onClose: () => void }) {
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [images, setImages] = useState<UnusedImages>('dangling')
  const prune = usePruneImages()
  const host = chosen ?? first
  return (
    <PruneDialog
      title="Remove unused images"
      preview={{ ...pruneQuery(host, images), enabled: host !== '' }}
      nothing={({ items }) => items.length === 0}
      prune={{
        ...prune,
        mutate: () =>
          prune.mutate(
            { host, images },
            {
              onSuccess: ({ reclaimed_bytes }) => {
                toast.success(`${bytes(reclaimed_bytes)} are free again on ${host}`)
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
            value={images}
            options={[
              { value: 'dangling', label: 'Without a tag' },
              { value: 'all', label: 'All that no container uses' },
            ]}
            onValue={setImages}
          />
        </>
      }
      onClose={onClose}
    >
      {({ items, total_bytes }) => (
        <>
          <p>
            {plural(items.length, 'image')}, at least <strong>{bytes(total_bytes)}</strong>:
          </p>
          <PruneList
            label="Images to remove"
            items={items.map((image) => ({ key: image.id, name: titleOf({ ...image, digests: [] }), side: bytes(image.unique_bytes) }))}
          />
        </>
      )}
    </PruneDialog>
  )
}
