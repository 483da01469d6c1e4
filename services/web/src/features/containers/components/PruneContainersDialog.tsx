import { useState } from 'react'
import { HostField, useOnlyHost } from '@/features/hosts'
import { bytes, plural } from '@/format/numbers'
import { ConfirmName } from '@/ui/ConfirmName'
import { PruneDialog, PruneList } from '@/ui/PruneDialog'
import { toast } from '@/ui/toast'
import { pruneQuery, usePruneContainers } from '../api/prune'

/** What is typed first: what a container wrote into its own file system exists nowhere else. */
const WORD = 'remove'

interface PruneContainersProps {
  /** The host that is looked at. */
  host: string | undefined
  onClose: () => void
}

/** Removes every container of a host that does not run, after it has shown which these are. */
export function PruneContainersDialog({ host: preferred, onClose }: PruneContainersProps) {
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [typed, setTyped] = useState('')
  const prune = usePruneContainers()
  const host = chosen ?? first
  return (
    <PruneDialog
      title="Remove containers that do not run"
      preview={{ ...pruneQuery(host), enabled: host !== '' }}
      nothing={({ items }) => items.length === 0}
      prune={{
        ...prune,
        mutate: () =>
          prune.mutate(host, {
            onSuccess: ({ removed, reclaimed_bytes }) => {
              toast.success(`Removed ${plural(removed.length, 'container')}`, { description: `${bytes(reclaimed_bytes)} are free again on ${host}.` })
              onClose()
            },
          }),
      }}
      choices={<HostField value={host} onValue={setHost} />}
      confirm={<ConfirmName name={WORD} value={typed} onValue={setTyped} />}
      confirmed={typed === WORD}
      onClose={onClose}
    >
      {({ items, total_bytes }) => (
        <>
          <p>
            {plural(items.length, 'container')} with their logs and what they wrote, <strong>{bytes(total_bytes)}</strong>. Their images and named volumes stay:
          </p>
          <PruneList label="Containers to remove" items={items.map(({ id, name, state, size_bytes }) => ({ key: id, name, side: `${state} · ${bytes(size_bytes)}` }))} />
        </>
      )}
    </PruneDialog>
  )
}
