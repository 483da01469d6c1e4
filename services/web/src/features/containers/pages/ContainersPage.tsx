import { getRouteApi } from '@tanstack/react-router'
import { Box, SearchX } from 'lucide-react'
import { useMemo } from 'react'
import type { Host } from '@/features/hosts'
import { plural } from '@/format/numbers'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Segmented, Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { useContainers } from '../api/containers'
import { ContainerTable } from '../components/ContainerTable'
import { HostBanner } from '../components/HostBanner'
import { attention, matches, sorted, STATES, type Container, type SortKey } from '../model'

const route = getRouteApi('/_app/containers')
const NONE: Container[] = []

export default function ContainersPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const list = useContainers()
  const all = list.data?.items ?? NONE
  const hosts = list.data?.hosts ?? []
  const sort = (search.sort ?? 'name') as SortKey
  const descending = search.desc === '1'
  const { q, state, host } = search

  const inScope = useMemo(() => all.filter((container) => matches(container, { q, host })), [all, q, host])
  const shown = useMemo(
    () => sorted(inScope.filter((container) => matches(container, { state })), sort, descending),
    [inScope, state, sort, descending],
  )

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  return (
    <Page title="Containers" status={list.data && <span className="dl-dim">{plural(shown.length, 'container')}</span>} fill>
      <div className="dl-toolbar">
        <Search label="Search containers" placeholder="Name, image, label, ID" value={q ?? ''} onValue={(value) => set({ q: value })} />
        <Segmented label="State" value={state ?? ''} options={stateOptions(inScope)} onValue={(value) => set({ state: value })} />
        {(hosts.length > 1 || host !== undefined) && (
          <Select
            label="Host"
            value={host ?? ''}
            options={hostOptions(hosts, host)}
            onValue={(value) => set({ host: value })}
          />
        )}
      </div>
      <HostBanner hosts={hosts} only={host} />
      {list.isPending && <Skeleton rows={10} />}
      {list.isError && list.data === undefined && (
        <ErrorPanel what="The containers could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.data !== undefined && shown.length === 0 && <Nothing filtered={all.length > 0} onClear={() => set({ q: '', state: '', host: '' })} />}
      {shown.length > 0 && (
        <ContainerTable
          containers={shown}
          sort={sort}
          descending={descending}
          onSort={(key) => set({ sort: key === 'name' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
        />
      )}
    </Page>
  )
}

/** The states that occur, with their numbers; what needs attention first. */
function stateOptions(containers: readonly Container[]) {
  const options = [{ value: '', label: 'All', count: containers.length }]
  const troubled = containers.filter((container) => attention(container) !== null).length
  if (troubled > 0) options.push({ value: 'attention', label: 'Attention', count: troubled })
  for (const state of STATES) {
    const count = containers.filter((container) => container.state === state).length
    if (count > 0) options.push({ value: state, label: state.charAt(0).toUpperCase() + state.slice(1), count })
  }
  return options
}

/** Every host by its name and, where it does not answer, its state; the one in the address even when it is gone. */
function hostOptions(hosts: readonly Host[], chosen: string | undefined) {
  const options = hosts.map(({ id, state }) => ({ value: id, label: state === 'online' ? id : `${id} (${state})` }))
  const gone = chosen !== undefined && !hosts.some(({ id }) => id === chosen)
  return [{ value: '', label: 'All hosts' }, ...(gone ? [{ value: chosen, label: chosen }] : []), ...options]
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (!filtered) {
    return (
      <Empty icon={<Box size={20} />}>
        There are no containers yet. Start one with <code>docker run</code>, and it appears here.
      </Empty>
    )
  }
  return (
    <Empty
      icon={<SearchX size={20} />}
      action={
        <button type="button" className="btn btn-secondary" onClick={onClear}>
          Clear the filters
        </button>
      }
    >
      No container matches.
    </Empty>
  )
}
