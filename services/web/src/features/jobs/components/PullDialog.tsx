import { useState } from 'react'
import { HostField, useOnlyHost } from '@/features/hosts'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { usePullImage } from '../api/jobs'
import { watchJob } from '../watched'

interface PullDialogProps {
  /** The host that is looked at. */
  host: string | undefined
  onClose: () => void
}

/** Begins to fetch an image; how far that is shows in the corner of the page. */
export function PullDialog({ host: preferred, onClose }: PullDialogProps) {
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [image, setImage] = useState('')
  const pull = usePullImage()
  const host = chosen ?? first
  return (
    <Dialog
      title="Pull an image"
      onClose={onClose}
      onSubmit={() => {
        if (image.trim() === '' || host === '') return
        pull.mutate(
          { host, image: image.trim() },
          {
            onSuccess: ({ job }) => {
              watchJob(job.id)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Pull" busy={pull.isPending} disabled={image.trim() === '' || host === ''} onClose={onClose} />}
    >
      <HostField value={host} onValue={setHost} />
      <Field
        label="Image"
        placeholder="nginx:1.29"
        hint="With its registry where that is not Docker Hub; the tag is latest where none is written."
        className="dl-mono"
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={image}
        onValue={setImage}
        error={fieldError(pull.error, 'image')}
      />
      <Refusal error={pull.error} fields={['image']} />
    </Dialog>
  )
}
