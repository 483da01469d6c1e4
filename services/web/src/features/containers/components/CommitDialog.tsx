import { useState } from 'react'
import { Choice } from '@/ui/Choice'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import { useCommit } from '../api/create'
import type { Container } from '../model'

interface CommitDialogProps {
  container: Container
  onClose: () => void
}

/** Makes an image of what a container's file system is now. */
export function CommitDialog({ container, onClose }: CommitDialogProps) {
  const [repository, setRepository] = useState('')
  const [tag, setTag] = useState('')
  const [message, setMessage] = useState('')
  const [pause, setPause] = useState(true)
  const commit = useCommit()
  return (
    <Dialog
      title={`Commit ${container.name}`}
      onClose={onClose}
      onSubmit={() => {
        if (repository === '') return
        const image = { repository, tag: tag === '' ? null : tag, message: message === '' ? null : message, pause }
        commit.mutate(
          { container, image },
          {
            onSuccess: ({ reference }) => {
              toast.success(`Made ${reference}`)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Make the image" busy={commit.isPending} disabled={repository === ''} onClose={onClose} />}
    >
      <p>The image holds its file system as it is now, without what is in its volumes.</p>
      <Field label="Image name" placeholder="acme/web" className="dl-mono" data-autofocus spellCheck={false} value={repository} onValue={setRepository} error={fieldError(commit.error, 'repository')} />
      <Field label="Tag" placeholder="latest" className="dl-mono" spellCheck={false} value={tag} onValue={setTag} error={fieldError(commit.error, 'tag')} />
      <Field label="What it is" value={message} onValue={setMessage} error={fieldError(commit.error, 'message')} />
      <Choice checked={pause} onChange={setPause} label="Pause it meanwhile" hint="So that no file is caught half-written." />
      <Refusal error={commit.error} fields={['repository', 'tag', 'message']} />
    </Dialog>
  )
}
