import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '@/api/errors'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { ErrorPanel, Skeleton } from '@/ui/States'
import { toast } from '@/ui/toast'
import { textQuery, useWriteFile, type Place, type TextFile } from '../api/files'
import { nameIn } from '../paths'

interface EditorProps {
  place: Place
  /** It can be changed. */
  write: boolean
  onClose: () => void
}

/** A small text file, to be read and, by who may, changed. */
export function EditorDialog({ place, write, onClose }: EditorProps) {
  const file = useQuery(textQuery(place))
  if (file.data != null) return <Editor place={place} write={write} file={file.data} onClose={onClose} onReload={() => void file.refetch()} />
  return (
    <Dialog title={nameIn(place.path)} kind="drawer" onClose={onClose}>
      {file.isPending && <Skeleton rows={8} />}
      {file.isError && <ErrorPanel what="The file could not be read" error={file.error} onRetry={() => void file.refetch()} />}
      {file.data === null && <p>It is no text in UTF-8. It can be downloaded.</p>}
    </Dialog>
  )
}

function Editor({ place, write, file, onClose, onReload }: EditorProps & { file: TextFile; onReload: () => void }) {
  const [text, setText] = useState(file.text)
  const save = useWriteFile()
  const stale = save.error instanceof ApiError && save.error.status === 412
  const changed = text !== file.text

  function submit(): void {
    save.mutate(
      { place, body: new Blob([text]), over: { etag: file.etag } },
      {
        onSuccess: () => {
          toast.success(`Saved ${place.path}`)
          onClose()
        },
      },
    )
  }

  return (
    <Dialog
      title={nameIn(place.path)}
      kind="drawer"
      keepOpen
      onClose={onClose}
      {...(write ? { onSubmit: submit, footer: <FormFooter submit="Save" busy={save.isPending} disabled={!changed} onClose={onClose} /> } : {})}
    >
      <p className="dl-mono">{place.path}</p>
      {stale ? (
        <div className="alert dl-alert-danger" role="alert">
          It was changed in the container meanwhile.{' '}
          <button
            type="button"
            className="btn btn-secondary btn-sm"
            onClick={() => {
              save.reset()
              onReload()
            }}
          >
            Read it again
          </button>
        </div>
      ) : (
        <Refusal error={save.error} />
      )}
      <textarea
        className="form-control dl-mono dl-editor"
        aria-label={`Content of ${nameIn(place.path)}`}
        data-autofocus
        spellCheck={false}
        readOnly={!write}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </Dialog>
  )
}
