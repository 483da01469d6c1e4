import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Network as NetworkIcon, PackageOpen, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCan } from '@/features/auth'
import { HostedPage } from '@/features/hosts'
import { Segmented } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { networksQuery, topologyQuery, type Network } from '../api/networks'
import { CreateNetworkDialog, PruneNetworksDialog, RemoveNetworkDialog } from '../components/NetworkDialogs'
import { NetworkTable } from '../components/NetworkTable'
import { TopologyPicture } from '../components/TopologyPicture'
import { matches, SORT_KEYS, sorted } from '../model'
import '../networks.scss'

const route = getRouteApi('/_app/networks')
const NONE: Network[] = []

/** The networks of all hosts, as a list or as a picture. */
export default function NetworksPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const list = useQuery(networksQuery)
  const [removed, setRemoved] = useState<Network | null>(null)
  const all = list.data?.items ?? NONE
  const { q, host, view = 'list' } = search
  const sort = SORT_KEYS.find((key) => key === search.sort) ?? 'name'
  const descending = search.desc === '1'
  const shown = useMemo(() => sorted(all.filter((network) => matches(network, { q, host })), sort, descending), [all, q, host, sort, descending])

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  const create = can('networks.manage') && (
    <button type="button" className="btn btn-primary" aria-label="Create network" onClick={() => set({ do: 'create' })}>
      <Plus size={15} aria-hidden />
      <span className="dl-wide-only">Create network</span>
    </button>
  )
  return (
    <HostedPage
      title="Networks"
      noun="network"
      placeholder="Name, driver, address"
      query={list}
      shown={shown.length}
      scope={{ q, host }}
      onScope={set}
      onClear={() => set({ q: '', host: '' })}
      filters={
        <Segmented
          label="View"
          value={view}
          options={[
            { value: 'list', label: 'List' },
            { value: 'picture', label: 'Picture' },
          ]}
          onValue={(value) => set({ view: value === 'list' ? '' : value })}
        />
      }
      actions={
        <>
          {create}
          {can('networks.manage') && (
            <button type="button" className="btn btn-outline-danger" aria-label="Remove unused" onClick={() => set({ do: 'prune' })}>
              <PackageOpen size={15} aria-hidden /> <span className="dl-wide-only">Remove unused</span>
            </button>
          )}
        </>
      }
      dialogs={
        <>
          {search.do === 'create' && can('networks.manage') && <CreateNetworkDialog host={host} onClose={() => set({ do: '' })} />}
          {search.do === 'prune' && can('networks.manage') && <PruneNetworksDialog host={host} onClose={() => set({ do: '' })} />}
          {removed !== null && <RemoveNetworkDialog network={removed} onClose={() => setRemoved(null)} />}
        </>
      }
      empty={<Empty icon={<NetworkIcon size={20} />}>No engine has told of a network.</Empty>}
    >
      {view === 'picture' ? (
        <div className="dl-scroll">
          {[...new Set(shown.map((network) => network.host))].map((of) => (
            <HostPicture key={of} host={of} shown={shown} />
          ))}
        </div>
      ) : (
        <NetworkTable
          networks={shown}
          sort={sort}
          descending={descending}
          onSort={(key) => set({ sort: key === 'name' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
          onRemove={setRemoved}
        />
      )}
    </HostedPage>
  )
}

/** The picture of one host, with the networks that the search has left. */
function HostPicture({ host, shown }: { host: string; shown: readonly Network[] }) {
  const topology = useQuery(topologyQuery(host))
  const data = topology.data
  const picture = useMemo(() => {
    if (data === undefined) return undefined
    const kept = new Set(shown.filter((network) => network.host === host).map(({ id }) => id))
    const links = data.links.filter(({ network }) => kept.has(network))
    const linked = new Set(links.map(({ container }) => container))
    return { networks: data.networks.filter(({ id }) => kept.has(id)), containers: data.containers.filter(({ id }) => linked.has(id)), links }
  }, [data, shown, host])
  return (
    <section aria-labelledby={`networks-${host}`}>
      <h2 id={`networks-${host}`} className="dl-section dl-topology-host">
        {host}
      </h2>
      {topology.isPending && <Skeleton rows={4} />}
      {topology.isError && data === undefined && (
        <ErrorPanel what={`The networks of ${host} could not be loaded`} error={topology.error} onRetry={() => void topology.refetch()} />
      )}
      {picture !== undefined && <TopologyPicture host={host} topology={picture} />}
    </section>
  )
}
