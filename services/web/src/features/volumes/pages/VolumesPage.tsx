import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Archive, HardDrive, PackageOpen, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCan } from '@/features/auth'
import { HostedPage } from '@/features/hosts'
import { Segmented } from '@/ui/Segmented'
import { Empty, Spinner } from '@/ui/States'
import { sizesQuery, volumesQuery, type Volume } from '../api/volumes'
import { CreateVolumeDialog, PruneVolumesDialog, RemoveVolumeDialog } from '../components/VolumeDialogs'
import { VolumeTable } from '../components/VolumeTable'
import { matches, SORT_KEYS, sorted } from '../model'

const route = getRouteApi('/_app/volumes')
const NONE: Volume[] = []
const NO_SIZES: ReadonlyMap<string, number | null> = new Map()


/** The volumes of all hosts, who uses them, and how much is in them. */
export default function VolumesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const list = useQuery(volumesQuery)
  const measured = useQuery(sizesQuery)
  const [removed, setRemoved] = useState<Volume | null>(null)
  const all = list.data?.items ?? NONE
  const sizes = measured.data?.sizes ?? NO_SIZES
  const { q, host, use } = search
  const sort = SORT_KEYS.find((key) => key === search.sort) ?? 'name'
  const descending = search.desc === '1'
  const inScope = useMemo(() => all.filter((volume) => matches(volume, { q, host })), [all, q, host])
  const shown = useMemo(
    () => sorted(inScope.filter((volume) => matches(volume, { use })), sort, descending, sizes),
    [inScope, use, sort, descending, sizes],
  )

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  const create = can('volumes.manage') && (
    <button type="button" className="btn btn-primary" aria-label="Create volume" onClick={() => set({ do: 'create' })}>
      <Plus size={15} aria-hidden />
      <span className="dl-wide-only">Create volume</span>
    </button>
  )
  return (
    <HostedPage
      title="Volumes"
      noun="volume"
      placeholder="Name, container, label"
      query={list}
      shown={shown.length}
      scope={{ q, host }}
      onScope={set}
      onClear={() => set({ q: '', host: '', use: '' })}
      filters={<Segmented label="Use" value={use ?? ''} options={useOptions(inScope)} onValue={(value) => set({ use: value })} />}
      toolbarEnd={
        <span className="dl-dim dl-inline">
          {measured.isFetching && (
            <>
              <Spinner label="Measuring" /> Measuring
            </>
          )}
          {!measured.isFetching && [...(measured.data?.missing ?? [])].map(([where, reason]) => <span key={where} title={reason}>No sizes from {where}</span>)}
        </span>
      }
      actions={
        <>
          {create}
          <Link to="/volumes/backups" className="btn btn-secondary" aria-label="Backups">
            <Archive size={15} aria-hidden /> <span className="dl-wide-only">Backups</span>
          </Link>
          {can('volumes.manage') && (
            <button type="button" className="btn btn-outline-danger" aria-label="Remove unused" onClick={() => set({ do: 'prune' })}>
              <PackageOpen size={15} aria-hidden /> <span className="dl-wide-only">Remove unused</span>
            </button>
          )}
        </>
      }
      dialogs={
        <>
          {search.do === 'create' && can('volumes.manage') && <CreateVolumeDialog host={host} onClose={() => set({ do: '' })} />}
          {search.do === 'prune' && can('volumes.manage') && <PruneVolumesDialog host={host} onClose={() => set({ do: '' })} />}
          {removed !== null && <RemoveVolumeDialog volume={removed} onClose={() => setRemoved(null)} />}
        </>
      }
      empty={
        <Empty icon={<HardDrive size={20} />} action={create}>
          There are no volumes yet.
        </Empty>
      }
    >
      <VolumeTable
        volumes={shown}
        sizes={sizes}
        sort={sort}
        descending={descending}
        onSort={(key) => set({ sort: key === 'name' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
        onRemove={setRemoved}
      />
    </HostedPage>
  )
}

function useOptions(volumes: readonly Volume[]) {
  const count = (use: string) => volumes.filter((volume) => matches(volume, { use })).length
  return [
    { value: '', label: 'All', count: volumes.length },
    { value: 'used', label: 'In use', count: count('used') },
    { value: 'unused', label: 'Unused', count: count('unused') },
    { value: 'anonymous', label: 'Anonymous', count: count('anonymous') },
  ].filter(({ value, count }) => value === '' || count > 0)
}
