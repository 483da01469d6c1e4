import { getRouteApi, Link } from '@tanstack/react-router'
import { Box, PackageOpen, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCan } from '@/features/auth'
import { HostedPage } from '@/features/hosts'
import { Segmented } from '@/ui/Segmented'
import { Empty } from '@/ui/States'
import { useContainers } from '../api/containers'
import { BulkBar } from '../components/BulkBar'
import { ContainerTable } from '../components/ContainerTable'
import { PruneContainersDialog } from '../components/PruneContainersDialog'
import { attention, keyOf, matches, SORT_KEYS, sorted, STATES, type Container } from '../model'

const route = getRouteApi('/_app/containers')
const NONE: Container[] = []
const NOTHING: ReadonlySet<string> = new Set()

export default function ContainersPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const list = useContainers()
  const all = list.data?.items ?? NONE
  const sort = SORT_KEYS.find((key) => key === search.sort) ?? 'name'
  const descending = search.desc === '1'
  const { q, state, host } = search

  const inScope = useMemo(() => all.filter((container) => matches(container, { q, host })), [all, q, host])
  const shown = useMemo(
    () => sorted(inScope.filter((container) => matches(container, { state })), sort, descending),
    [inScope, state, sort, descending],
  )

  const can = useCan()
  const [selected, setSelected] = useState<ReadonlySet<string>>(NOTHING)
  // What the filters hide is not acted upon.
  const chosen = shown.filter((container) => selected.has(keyOf(container)))

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  return (
    <HostedPage
      title="Containers"
      noun="container"
      placeholder="Name, image, label, ID"
      query={list}
      shown={shown.length}
      scope={{ q, host }}
      onScope={set}
      onClear={() => set({ q: '', state: '', host: '' })}
      actions={
        <>
          {can('containers.create') && (
            <Link to="/containers/new" search={{ host }} className="btn btn-primary">
              <Plus size={15} aria-hidden /> Create
            </Link>
          )}
          {can('system.prune') && (
            <button type="button" className="btn btn-outline-danger" aria-label="Remove unused" onClick={() => set({ do: 'prune' })}>
              <PackageOpen size={15} aria-hidden /> <span className="dl-wide-only">Remove unused</span>
            </button>
          )}
        </>
      }
      dialogs={search.do === 'prune' && can('system.prune') && <PruneContainersDialog host={host} onClose={() => set({ do: '' })} />}
      banner={chosen.length > 0 && <BulkBar containers={chosen} onClear={() => setSelected(NOTHING)} />}
      filters={<Segmented label="State" value={state ?? ''} options={stateOptions(inScope)} onValue={(value) => set({ state: value })} />}
      empty={
        <Empty icon={<Box size={20} />}>
          There are no containers yet. Start one with <code>docker run</code>, and it appears here.
        </Empty>
      }
    >
      <ContainerTable
        containers={shown}
        sort={sort}
        descending={descending}
        selection={can('containers.operate') ? { keys: selected, onKeys: setSelected } : undefined}
        onSort={(key) => set({ sort: key === 'name' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
      />
    </HostedPage>
  )
}

/** The states that occur, with their numbers; what needs attention first. */
function stateOptions(containers: readonly Container[]) {
  const options = [{ value: '', label: 'All', count: containers.length }]
  const troubled = containers.filter((container) => attention(container) !== null).length
  if (troubled > 0) options.push({ value: 'attention', label: 'Attention', count: troubled })
  const outdated = containers.filter(({ update }) => update?.available === true).length
  if (outdated > 0) options.push({ value: 'update', label: 'Update', count: outdated })
  for (const state of STATES) {
    const count = containers.filter((container) => container.state === state).length
    if (count > 0) options.push({ value: state, label: state.charAt(0).toUpperCase() + state.slice(1), count })
  }
  return options
}
