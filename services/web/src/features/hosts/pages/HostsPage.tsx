import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Plus, SearchX, Server } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCan } from '@/features/auth'
import { plural } from '@/format/numbers'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Segmented, Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import type { Host } from '../api/contract'
import { hostsQuery } from '../api/hosts'
import { HostDialogs } from '../components/HostDialogs'
import type { Intent } from '../components/HostMenu'
import { HostTable } from '../components/HostTable'
import { allLabels, conditionOf, CONDITIONS, matches, SORT_KEYS, sorted, WORDS, type SortKey } from '../model'
import '../hosts.scss'

const route = getRouteApi('/_app/hosts')
const NONE: Host[] = []
const SORT_WORDS: Record<SortKey, string> = {
  id: 'name',
  state: 'state',
  engine: 'engine',
  system: 'system',
  cpus: 'CPUs',
  memory: 'memory',
  images: 'images',
  latency: 'latency',
}

/** Every Docker host: how it is reached, whether its engine answers, and what that tells. */
export default function HostsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const manage = useCan()('hosts.manage')
  const list = useQuery({ ...hostsQuery, refetchInterval: 5000 })
  const [intent, setIntent] = useState<Intent | null>(null)
  const all = list.data?.items ?? NONE
  const { q, label, state } = search
  const sort = SORT_KEYS.find((key) => key === search.sort) ?? 'id'
  const descending = search.desc === '1'

  const inScope = useMemo(() => all.filter((host) => matches(host, { q, label })), [all, q, label])
  const shown = useMemo(() => sorted(inScope.filter((host) => matches(host, { state })), sort, descending), [inScope, state, sort, descending])
  const labels = allLabels(all)

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  const add = manage && (
    <button type="button" className="btn btn-primary" onClick={() => setIntent({ kind: 'add' })}>
      <Plus size={15} aria-hidden /> Add host
    </button>
  )
  return (
    <Page title="Hosts" status={list.data && <span className="dl-dim">{plural(shown.length, 'host')}</span>} actions={add} fill>
      <div className="dl-toolbar">
        <Search label="Search hosts" placeholder="Name, address, label, system" value={q ?? ''} onValue={(value) => set({ q: value })} />
        <Segmented label="State" value={state ?? ''} options={stateOptions(inScope)} onValue={(value) => set({ state: value })} />
        {(labels.length > 0 || label !== undefined) && (
          <Select
            label="Label"
            value={label ?? ''}
            options={[{ value: '', label: 'All labels' }, ...known(labels, label).map((value) => ({ value, label: value }))]}
            onValue={(value) => set({ label: value })}
          />
        )}
        <span className="dl-narrow-only">
          <Select
            label="Sort by"
            value={sort}
            options={SORT_KEYS.map((value) => ({ value, label: `By ${SORT_WORDS[value]}` }))}
            onValue={(value) => set({ sort: value === 'id' ? '' : value, desc: '' })}
          />
        </span>
      </div>
      <div className="dl-scroll">
        {list.isPending && <Skeleton rows={6} />}
        {list.isError && list.data === undefined && (
          <ErrorPanel what="The hosts could not be loaded" error={list.error} onRetry={() => void list.refetch()} />
        )}
        {list.data !== undefined && shown.length === 0 && (
          <Nothing filtered={all.length > 0} add={add} onClear={() => set({ q: '', label: '', state: '' })} />
        )}
        {shown.length > 0 && (
          <HostTable
            hosts={shown}
            sort={sort}
            descending={descending}
            onSort={(key) => set({ sort: key === 'id' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
            label={label}
            onLabel={(value) => set({ label: value })}
            onIntent={setIntent}
          />
        )}
      </div>
      <HostDialogs intent={intent} onClose={() => setIntent(null)} />
    </Page>
  )
}

/** The conditions that occur, with their numbers. */
function stateOptions(hosts: readonly Host[]) {
  const options = [{ value: '', label: 'All', count: hosts.length }]
  for (const condition of CONDITIONS) {
    const count = hosts.filter((host) => conditionOf(host) === condition).length
    if (count > 0) options.push({ value: condition, label: WORDS[condition], count })
  }
  return options
}

/** The label in the address stays to be seen, and to be taken away, when no host has it any more. */
function known(labels: string[], label: string | undefined): string[] {
  return label === undefined || labels.includes(label) ? labels : [label, ...labels]
}

function Nothing({ filtered, add, onClear }: { filtered: boolean; add: React.ReactNode; onClear: () => void }) {
  if (!filtered) {
    return (
      <Empty icon={<Server size={20} />} action={add}>
        There are no hosts yet.
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
      No host matches.
    </Empty>
  )
}
