import { useState } from 'react'
import { ApiError } from '@/api/errors'
import { count, plural } from '@/format/numbers'
import { Choice } from '@/ui/Choice'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { Progress } from '@/ui/Progress'
import { toast } from '@/ui/toast'
import { useUnpack, useWriteFile, type Place } from '../api/files'
import { joined } from '../paths'

interface UploadDialogProps {
  /** The folder. */
  place: Place
  onClose: () => void
}

/** Puts files into a folder of a container, or unpacks a tar there. */
export function UploadDialog({ place, onClose }: UploadDialogProps) {
  const [files, setFiles] = useState<readonly File[]>([])
  const [replace, setReplace] = useState(false)
  const [unpacks, setUnpacks] = useState(false)
  const [done, setDone] = useState(0)
  const [sent, setSent] = useState(0)
  const write = useWriteFile()
  const unpack = useUnpack()
  const busy = write.isPending || unpack.isPending
  const tar = files.length === 1 && /\.tar$/i.test(files[0]?.name ?? '')
  const taken = write.error instanceof ApiError && write.error.status === 412

  async function upload(): Promise<void> {
    const [first] = files
    if (first !== undefined && tar && unpacks) {
      const { entries } = await unpack.mutateAsync({ place, body: first, onProgress: setSent })
      toast.success(`Unpacked ${count(entries)} entries into ${place.path}`)
    } else {
      for (const [index, file] of files.entries()) {
        setDone(index)
        setSent(0)
        const target = { ...place, path: joined(place.path, file.name) }
        await write.mutateAsync({ place: target, body: file, onProgress: setSent, ...(replace ? {} : { over: 'nothing' }) })
      }
      toast.success(`Uploaded ${plural(files.length, 'file')} to ${place.path}`)
    }
    onClose()
  }

  return (
    <Dialog
      title="Upload"
      keepOpen
      onClose={onClose}
      // What went wrong is shown by the mutation.
      onSubmit={() => void upload().catch(() => undefined)}
      footer={<FormFooter submit={busy && files.length > 1 ? `Uploading ${done + 1} of ${files.length}` : 'Upload'} busy={busy} disabled={files.length === 0} onClose={onClose} />}
    >
      <p>
        Into <span className="dl-mono">{place.path}</span>
      </p>
      <label className="dl-field">
        <span className="form-label dl-block">Files</span>
        <input type="file" className="form-control" multiple onChange={(event) => setFiles([...(event.target.files ?? [])])} />
      </label>
      {tar && <Choice checked={unpacks} onChange={setUnpacks} label="Unpack it there" hint="Files, folders and links that stay in the folder; an archive with anything else is refused." />}
      {!(tar && unpacks) && <Choice checked={replace} onChange={setReplace} label="Replace files that are there" />}
      {busy && <Progress label={`Sending ${files[done]?.name ?? ''}`} value={sent} />}
      {taken ? (
        <div className="alert dl-alert-danger" role="alert">
          There is a file {files[done]?.name ?? ''} already.
        </div>
      ) : (
        <Refusal error={write.error ?? unpack.error} />
      )}
    </Dialog>
  )
}
