import { CloudUpload, Copy, Download, MoreHorizontal, Play, SearchCheck, Tag, Trash2 } from 'lucide-react'
import { useNavigate } from '@tanstack/react-router'
import { useCan } from '@/features/auth'
import { watchJob } from '@/features/jobs'
import { copyText } from '@/ui/Copy'
import { failureToast } from '@/ui/failureToast'
import { Menu, type MenuItem } from '@/ui/Menu'
import { exportImage, useCheckUpdates, type Image } from '../api/images'
import { titleOf } from '../model'

/** What somebody wants to do, for which a dialog opens. */
export type Intent = { kind: 'pull' | 'build' | 'import' | 'prune' } | { kind: 'tag' | 'push' | 'remove'; image: Image }

const SIZE = 15

interface ImageActionsProps {
  image: Image
  onIntent: (intent: Intent) => void
  place?: 'row' | 'header'
}

/** What can be done with an image. */
export function ImageActions({ image, onIntent, place = 'row' }: ImageActionsProps) {
  const can = useCan()
  const navigate = useNavigate()
  const updates = useCheckUpdates()
  const [tag] = image.tags
  const name = titleOf(image)

  function exportIt(): void {
    void exportImage(image, name)
  }

  function check(reference: string): void {
    updates.mutateAsync({ host: image.host, image: reference }).then(
      ({ job }) => watchJob(job.id),
      (error: unknown) => failureToast(`Could not look for a newer ${name}`, error),
    )
  }

  const items: (MenuItem | 'separator')[] = [{ label: 'Copy ID', icon: <Copy size={SIZE} aria-hidden />, onSelect: () => void copyText(image.id) }]
  if (can('containers.create')) {
    items.unshift({
      label: 'Create a container…',
      icon: <Play size={SIZE} aria-hidden />,
      onSelect: () => void navigate({ to: '/containers/new', search: { host: image.host, image: image.tags[0] ?? image.id } }),
    })
  }
  if (can('images.manage')) {
    items.push(
      { label: 'Export as tar', icon: <Download size={SIZE} aria-hidden />, onSelect: exportIt },
      ...(tag === undefined ? [] : [{ label: 'Look for a newer one', icon: <SearchCheck size={SIZE} aria-hidden />, onSelect: () => check(tag) }]),
      { label: 'Push…', icon: <CloudUpload size={SIZE} aria-hidden />, onSelect: () => onIntent({ kind: 'push', image }) },
      { label: 'Tag…', icon: <Tag size={SIZE} aria-hidden />, onSelect: () => onIntent({ kind: 'tag', image }) },
      'separator',
      { label: 'Remove…', icon: <Trash2 size={SIZE} aria-hidden />, danger: true, onSelect: () => onIntent({ kind: 'remove', image }) },
    )
  }
  return (
    <Menu
      label={`Actions for ${name}`}
      trigger={<MoreHorizontal size={16} aria-hidden />}
      triggerClass={place === 'row' ? 'btn btn-ghost btn-icon btn-sm' : 'btn btn-secondary btn-icon'}
      items={items}
    />
  )
}
