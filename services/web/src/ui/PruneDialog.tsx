import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Dialog } from './Dialog'
import { FormFooter, Refusal } from './Form'
import { ErrorPanel, Skeleton } from './States'

interface PruneDialogProps<Preview> {
  title: string
  /** What would be removed, read anew while the dialog is open. */
  preview: UseQueryOptions<Preview, Error, Preview, string[]>
  /** Whether there is nothing to remove. */
  nothing: (preview: Preview) => boolean
  prune: { mutate: () => void; isPending: boolean; error: unknown }
  /** What to remove, above what is found. */
  choices?: ReactNode
  /** What must be typed before it can be done. */
  confirm?: ReactNode
  confirmed?: boolean
  onClose: () => void
  children: (preview: Preview) => ReactNode
}

/** Shows what would be removed before it is. */
export function PruneDialog<Preview>({ title, preview, nothing, prune, choices, confirm, confirmed = true, onClose, children }: PruneDialogProps<Preview>) {
  const found = useQuery({ ...preview, staleTime: 0 })
  const ready = found.data !== undefined && !nothing(found.data) && confirmed
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => {
        if (ready) prune.mutate()
      }}
      footer={<FormFooter submit="Remove" danger busy={prune.isPending} disabled={!ready} onClose={onClose} />}
    >
      {choices}
      {found.isPending && <Skeleton rows={4} label="Looking for what is unused" />}
      {found.isError && <ErrorPanel what="What is unused could not be found out" error={found.error} onRetry={() => void found.refetch()} />}
      {found.data !== undefined && (nothing(found.data) ? <p>Nothing is unused.</p> : children(found.data))}
      {found.data !== undefined && !nothing(found.data) && confirm}
      <Refusal error={prune.error} />
    </Dialog>
  )
}

interface PruneListProps {
  label: string
  items: readonly { key: string; name: string; side?: string | null | undefined }[]
}

/** What would be removed, by name. */
export function PruneList({ label, items }: PruneListProps) {
  if (items.length === 0) return null
  return (
    <ul className="dl-prune" aria-label={label} tabIndex={0}>
      {items.map(({ key, name, side }) => (
        <li key={key}>
          <span className="dl-mono dl-ellipsis" title={name}>
            {name}
          </span>
          {side != null && <span className="dl-dim">{side}</span>}
        </li>
      ))}
    </ul>
  )
}
