import { useState } from 'react'
import { Choice } from '@/ui/Choice'
import { ConfirmName } from '@/ui/ConfirmName'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import { useRemoveFile, type Entry, type Source } from '../api/files'
import { joined } from '../paths'

interface RemoveFileProps {
  of: Extract<Source, { kind: 'container' }>
  folder: string
  entry: Entry
  onClose: () => void
}

/** Removes a file, a link or a folder of a container. */
export function RemoveFileDialog({ of, folder, entry, onClose }: RemoveFileProps) {
  const [recursive, setRecursive] = useState(false)
  const [typed, setTyped] = useState('')
  const remove = useRemoveFile()
  const path = joined(folder, entry.name)
  const ready = !recursive || typed === entry.name
  return (
    <Dialog
      title={`Remove ${entry.name}?`}
      onClose={onClose}
      onSubmit={() => {
        if (!ready) return
        remove.mutate(
          { place: { of, path }, recursive },
          {
            onSuccess: () => {
              toast.success(`Removed ${path}`)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Remove" danger busy={remove.isPending} disabled={!ready} onClose={onClose} />}
    >
      <p>
        <span className="dl-mono dl-break">{path}</span> is deleted in the container, for good.
        {entry.kind === 'link' && ' What the link leads to stays.'}
      </p>
      {entry.kind === 'folder' && <Choice checked={recursive} onChange={setRecursive} label="With everything in it" hint="Otherwise only a folder with nothing in it is removed." />}
      {recursive && <ConfirmName name={entry.name} value={typed} onValue={setTyped} />}
      <Refusal error={remove.error} />
    </Dialog>
  )
}
