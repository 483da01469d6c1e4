import { useQuery } from '@tanstack/react-query'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { watchJob } from '@/features/jobs'
import { registriesQuery } from '@/features/registries'
import { imageName, registryOf } from '@/format/names'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { SelectField } from '@/ui/SelectField'
import { usePushImage, type Image } from '../api/images'
import { titleOf } from '../model'

const OTHER = '\0other'

/** Sends an image to a registry, under one of its names or a new one. */
export function PushDialog({ image, onClose }: { image: Image; onClose: () => void }) {
  const can = useCan()
  const [chosen, setChosen] = useState(image.tags[0] ?? OTHER)
  const [written, setWritten] = useState('')
  const push = usePushImage()
  const registries = useQuery({ ...registriesQuery, enabled: can('registries.read') }).data
  const isNew = chosen === OTHER
  const name = isNew ? written.trim() : chosen
  const registry = registryOf(name)
  const known = registries?.find(({ address }) => address === registry)
  return (
    <Dialog
      title={`Push ${titleOf(image)}`}
      onClose={onClose}
      onSubmit={() => {
        if (name === '') return
        push.mutate(
          { host: image.host, id: image.id, image: name, isNew },
          {
            onSuccess: ({ job }) => {
              watchJob(job.id)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Push" busy={push.isPending} disabled={name === ''} onClose={onClose} />}
    >
      {image.tags.length > 0 && (
        <SelectField
          label="As"
          value={chosen}
          options={[...image.tags.map((tag) => ({ value: tag, label: imageName(tag) })), { value: OTHER, label: 'Another name…' }]}
          onValue={setChosen}
        />
      )}
      {isNew && (
        <Field
          label="New name"
          hint="With its registry and a tag. The image gets this name on the host too."
          placeholder="registry.example.org/web:1.4"
          className="dl-mono"
          data-autofocus
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={written}
          onValue={setWritten}
          error={fieldError(push.error, 'reference') ?? fieldError(push.error, 'image')}
        />
      )}
      {name !== '' && registries !== undefined && (
        <div className={`dl-note dl-tone-${known === undefined ? 'amber' : 'green'}`} role="status">
          {known === undefined ? <TriangleAlert size={16} aria-hidden /> : <CircleCheck size={16} aria-hidden />}
          <p>
            {known === undefined ? (
              <>
                For <span className="dl-mono">{registry}</span> no sign-in is kept; most registries take images only with one.
              </>
            ) : (
              <>
                To <span className="dl-mono">{registry}</span>
                {known.username != null && ` as ${known.username}`}
              </>
            )}
          </p>
        </div>
      )}
      <Refusal error={push.error} fields={isNew ? ['reference', 'image'] : []} />
    </Dialog>
  )
}
