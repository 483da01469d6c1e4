import { useState } from 'react'
import { ApiError } from '@/api/errors'
import { watchJob } from '@/features/jobs'
import { imageName } from '@/format/names'
import { Choice } from '@/ui/Choice'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import { UpdateFact } from '@/ui/UpdateTag'
import { useRecreate } from '../api/recreate'
import type { Container } from '../model'

/** Puts a container of another image in the place of one, with the same settings. */
export function RecreateDialog({ container, onClose }: { container: Container; onClose: () => void }) {
  const [image, setImage] = useState('')
  const [pull, setPull] = useState(true)
  const recreate = useRecreate()
  const reasons = reasonsOf(recreate.error)
  return (
    <Dialog
      title={`Recreate ${container.name}`}
      onClose={onClose}
      onSubmit={() =>
        recreate.mutate(
          { container, image: image.trim() === '' ? null : image.trim(), pull },
          {
            onSuccess: ({ job, warnings }) => {
              watchJob(job.id)
              if (warnings.length > 0) toast.success(`${container.name} is being recreated`, { description: warnings.join('\n'), duration: Infinity })
              onClose()
            },
          },
        )
      }
      footer={<FormFooter submit="Recreate" busy={recreate.isPending} onClose={onClose} />}
    >
      <p>
        A new container takes its place, with its name, environment, ports, volumes, networks, limits and labels. What it has written beside its volumes is lost.
      </p>
      <p>If the new one cannot be made, does not start or does not become healthy, this one runs on as it was.</p>
      <dl className="dl-facts dl-facts-dense">
        <div>
          <dt>Image of now</dt>
          <dd className="dl-mono">{imageName(container.image)}</dd>
        </div>
        <div>
          <dt>Newer one</dt>
          <dd>
            <UpdateFact update={container.update} />
          </dd>
        </div>
      </dl>
      <Field
        label="Image"
        placeholder={imageName(container.image)}
        hint="The same name where nothing is written. An ID of before, as sha256:…, goes back."
        className="dl-mono"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={image}
        onValue={setImage}
        error={fieldError(recreate.error, 'image')}
      />
      {!image.trim().startsWith('sha256:') && <Choice checked={pull} onChange={setPull} label="Pull the newest image of that name first" />}
      <Refusal error={recreate.error} fields={['image']} />
      {reasons.length > 0 && (
        <ul className="dl-bullets">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
    </Dialog>
  )
}

/** Why it cannot be recreated, or by what it reaches its host, which takes an administrator. */
function reasonsOf(error: Error | null): readonly string[] {
  const reasons = error instanceof ApiError ? error.details.reasons : undefined
  return Array.isArray(reasons) ? (reasons as string[]) : []
}
