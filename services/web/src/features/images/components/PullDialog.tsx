import { useQuery } from '@tanstack/react-query'
import { BadgeCheck, Search, Star } from 'lucide-react'
import { useState } from 'react'
import { HostField, useOnlyHost } from '@/features/hosts'
import { watchJob } from '@/features/jobs'
import { count } from '@/format/numbers'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { Skeleton, Spinner } from '@/ui/States'
import { searchQuery, usePullImage } from '../api/images'

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
  const [searched, setSearched] = useState<string | null>(null)
  const pull = usePullImage()
  const host = chosen ?? first
  const found = useQuery({ ...searchQuery(host, searched ?? ''), enabled: searched !== null && host !== '' })
  const missing = image.trim() === '' || host === ''
  return (
    <Dialog
      title="Pull an image"
      onClose={onClose}
      onSubmit={() => {
        if (missing) return
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
      footer={
        <>
          <button type="button" className="btn btn-secondary dl-foot-start" disabled={missing || found.isFetching} onClick={() => setSearched(image.trim())}>
            {found.isFetching ? <Spinner label="Searching" /> : <Search size={15} aria-hidden />} Search
          </button>
          <FormFooter submit="Pull" busy={pull.isPending} disabled={missing} onClose={onClose} />
        </>
      }
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
      {found.isError && <Refusal error={found.error} />}
      {found.isPending && found.isFetching && <Skeleton rows={4} label="Searching" />}
      {found.data !== undefined && <Found images={found.data} onChoose={setImage} />}
    </Dialog>
  )
}

interface FoundProps {
  images: readonly { name: string; description: string; stars: number; official: boolean }[]
  onChoose: (image: string) => void
}

function Found({ images, onChoose }: FoundProps) {
  if (images.length === 0) return <p>The registry knows nothing like it.</p>
  return (
    <ul className="dl-list dl-found" aria-label="Found images" tabIndex={0}>
      {images.map(({ name, description, stars, official }) => (
        <li key={name}>
          <button type="button" className="dl-found-image" onClick={() => onChoose(name)}>
            <span className="dl-name">
              <span className="dl-mono dl-strong dl-ellipsis">{name}</span>
              {official && <BadgeCheck size={14} className="dl-tone-green dl-tone-text" aria-label="official" />}
              <span className="dl-faint dl-found-stars">
                <Star size={12} aria-hidden /> {count(stars)}
              </span>
            </span>
            {description !== '' && <span className="dl-dim dl-ellipsis">{description}</span>}
          </button>
        </li>
      ))}
    </ul>
  )
}
