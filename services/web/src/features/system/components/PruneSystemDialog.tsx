import { useState } from 'react'
import { bytes } from '@/format/numbers'
import { Choice } from '@/ui/Choice'
import { ConfirmName } from '@/ui/ConfirmName'
import { PruneDialog, PruneList } from '@/ui/PruneDialog'
import { toast } from '@/ui/toast'
import { pruneQuery, usePruneSystem, type PruneSystem } from '../api/system'
import { doneText, partsOf } from '../summary'

/** Removes what is unused on a host, of the kinds that are chosen, after it has shown what that is. */
export function PruneSystemDialog({ host, onClose }: { host: string; onClose: () => void }) {
  const [wanted, setWanted] = useState<PruneSystem>({ containers: false, images: 'dangling', networks: true, volumes: null, build_cache: true })
  const [typed, setTyped] = useState('')
  const prune = usePruneSystem(host)
  const set = (change: Partial<PruneSystem>) => setWanted({ ...wanted, ...change })
  // What volumes and containers hold exists nowhere else.
  const mustType = wanted.containers === true || wanted.volumes != null
  return (
    <PruneDialog
      title={`Remove what is unused on ${host}`}
      preview={pruneQuery(host, wanted)}
      nothing={(preview) => partsOf(preview).length === 0}
      prune={{
        ...prune,
        mutate: () =>
          prune.mutate(wanted, {
            onSuccess: (pruned) => {
              const tell = pruned.failed.length > 0 ? toast.error : toast.success
              tell(`${bytes(pruned.reclaimed_bytes)} are free again on ${host}`, { description: doneText(pruned) })
              onClose()
            },
          }),
      }}
      choices={
        <div className="dl-choices">
          <Choice checked={wanted.containers === true} onChange={(containers) => set({ containers })} label="Containers that do not run" />
          <Choice checked={wanted.images != null} onChange={(on) => set({ images: on ? 'dangling' : null })} label="Images without a tag" />
          <Choice
            checked={wanted.images === 'all'}
            disabled={wanted.images == null}
            onChange={(on) => set({ images: on ? 'all' : 'dangling' })}
            label="Also images with a tag that no container was made of"
          />
          <Choice checked={wanted.networks === true} onChange={(networks) => set({ networks })} label="Networks without containers" />
          <Choice checked={wanted.build_cache === true} onChange={(build_cache) => set({ build_cache })} label="Build cache" />
          <Choice checked={wanted.volumes != null} onChange={(on) => set({ volumes: on ? 'anonymous' : null })} label="Volumes without a name that no container uses" hint="With everything in them." />
          <Choice
            checked={wanted.volumes === 'all'}
            disabled={wanted.volumes == null}
            onChange={(on) => set({ volumes: on ? 'all' : 'anonymous' })}
            label="Also volumes with a name"
          />
        </div>
      }
      confirm={mustType ? <ConfirmName name={host} value={typed} onValue={setTyped} /> : undefined}
      confirmed={!mustType || typed === host}
      onClose={onClose}
    >
      {(preview) => (
        <>
          <p>
            At least <strong>{bytes(preview.total_bytes)}</strong> are free afterwards:
          </p>
          {partsOf(preview).map(({ key, title, items }) => (
            <div key={key} data-prune={key}>
              <h3>{title}</h3>
              <PruneList label={title} items={items} />
            </div>
          ))}
        </>
      )}
    </PruneDialog>
  )
}
