import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Network as NetworkIcon, Plug, Trash2, Unplug } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { plural } from '@/format/numbers'
import { Ago } from '@/ui/Ago'
import { Copy } from '@/ui/Copy'
import { DataTable, type Column } from '@/ui/DataTable'
import { Fact, Facts } from '@/ui/Facts'
import { failureToast } from '@/ui/failureToast'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { PlainTable } from '@/ui/PlainTable'
import { StackLink } from '@/ui/StackLink'
import { Skeleton } from '@/ui/States'
import { toast } from '@/ui/toast'
import { networkQuery, useConnect, useDisconnect, type NetworkDetails } from '../api/networks'
import { ConnectDialog, RemoveNetworkDialog } from '../components/NetworkDialogs'
import '../networks.scss'

const route = getRouteApi('/_app/hosts/$host/networks/$id')

/** One network: its addresses, and who is in it. */
export default function NetworkPage() {
  const { host, id } = route.useParams()
  const navigate = useNavigate()
  const manage = useCan()('networks.manage')
  const network = useQuery(networkQuery({ host, id }))
  const [intent, setIntent] = useState<'connect' | 'remove' | null>(null)
  const data = network.data
  const close = () => setIntent(null)
  return (
    <Page
      title={data?.name ?? id.slice(0, 12)}
      crumbs={[{ label: 'Networks', to: '/networks' }, { label: host, to: `/hosts/${host}` }]}
      status={data !== undefined && <span className="dl-dim">{plural(data.members.length, 'container')}</span>}
      actions={
        data !== undefined &&
        manage && (
          <div className="dl-actions">
            <button type="button" className="btn btn-secondary" aria-label="Connect a container" onClick={() => setIntent('connect')}>
              <Plug size={15} aria-hidden /> <span className="dl-wide-only">Connect a container</span>
            </button>
            {!data.predefined && (
              <button type="button" className="btn btn-outline-danger" aria-label="Remove" disabled={data.members.length > 0} onClick={() => setIntent('remove')}>
                <Trash2 size={15} aria-hidden /> <span className="dl-wide-only">Remove</span>
              </button>
            )}
          </div>
        )
      }
      fill
    >
      {network.isPending && <Skeleton rows={8} />}
      {network.isError && data === undefined && (
        <Missing what="network" icon={<NetworkIcon size={20} />} back={{ label: 'Go to the networks', to: '/networks' }} error={network.error} onRetry={() => void network.refetch()} />
      )}
      {data !== undefined && <Details network={data} />}
      {data !== undefined && intent === 'connect' && <ConnectDialog network={data} onClose={close} />}
      {data !== undefined && intent === 'remove' && <RemoveNetworkDialog network={data} onClose={close} onRemoved={() => void navigate({ to: '/networks' })} />}
    </Page>
  )
}

function Details({ network }: { network: NetworkDetails }) {
  return (
    <div className="dl-scroll dl-padded dl-stack">
      <section aria-labelledby="members">
        <h2 id="members" className="dl-section">
          Containers
        </h2>
        {network.members.length === 0 ? <p className="dl-dim">No container is in it.</p> : <Members network={network} />}
      </section>
      <div className="dl-columns dl-columns-packed">
        <Facts title="Network">
          <dl className="dl-facts">
            <Fact name="ID" mono>
              {network.id.slice(0, 12)} <Copy text={network.id} label="Copy the ID" />
            </Fact>
            <Fact name="Driver">{network.driver}</Fact>
            <Fact name="Scope">{network.scope}</Fact>
            <Fact name="Internal">{network.internal ? 'yes: it leads nowhere outside' : 'no'}</Fact>
            <Fact name="IPv6">{network.ipv6 ? 'yes' : 'no'}</Fact>
            <Fact name="Created">
              <Ago at={network.created_at} />
            </Fact>
            <Fact name="Stack">
              <StackLink host={network.host} stack={network.stack} />
            </Fact>
          </dl>
        </Facts>
        <Facts title="Addresses">
          <PlainTable head={['Range', 'Gateway']} rows={network.subnets.map(({ subnet, gateway }) => [subnet, gateway])} none="It has no addresses." />
        </Facts>
        <Facts title="Labels">
          <PlainTable head={['Name', 'Value']} rows={Object.entries(network.labels)} none={network.secrets_hidden ? 'Your role does not show labels.' : 'It has no labels.'} />
        </Facts>
        <Facts title="Options">
          <PlainTable head={['Name', 'Value']} rows={Object.entries(network.options)} none="It has no options." />
        </Facts>
      </div>
    </div>
  )
}

type Member = NetworkDetails['members'][number]

function Members({ network }: { network: NetworkDetails }) {
  const manage = useCan()('networks.manage')
  const connect = useConnect()
  const disconnect = useDisconnect()
  const { host, id } = network

  function leave(member: Member): void {
    const back = () =>
      connect.mutateAsync({ host, id, container: member.id, aliases: member.aliases }).catch((error: unknown) => failureToast(`Could not connect ${member.name} again`, error))
    disconnect.mutateAsync({ host, id, container: member.id, force: false }).then(
      () => toast.success(`Disconnected ${member.name}`, { action: { label: 'Connect again', onClick: back }, duration: 10_000 }),
      (error: unknown) => failureToast(`Could not disconnect ${member.name}`, error),
    )
  }

  const columns: readonly Column<Member>[] = [
    {
      name: 'name',
      label: 'Container',
      className: 'dl-col-name',
      cellClass: 'dl-card-title',
      bare: true,
      cell: (member) => (
        <div className="dl-name">
          <Link to="/hosts/$host/containers/$id/overview" params={{ host, id: member.id }} className="dl-strong dl-ellipsis" data-row title={member.name}>
            {member.name}
          </Link>
        </div>
      ),
    },
    { name: 'state', label: 'State', cellClass: 'dl-dim', cell: ({ state }) => state },
    { name: 'ipv4', label: 'Address', cellClass: 'dl-mono dl-dim', cell: ({ ipv4, ipv6 }) => [ipv4, ipv6].filter((address) => address != null).join(', ') || '–' },
    { name: 'aliases', label: 'Other names', cellClass: 'dl-mono dl-dim dl-ellipsis', cell: ({ aliases }) => aliases.join(', ') || '–' },
  ]
  return (
    <div className="dl-panel">
      <DataTable
        label="Containers in this network"
        items={network.members}
        columns={columns}
        keyOf={(member) => member.id}
        nameOf={({ name }) => name}
        dataOf={({ name }) => ({ 'data-member': name })}
        sort=""
        descending={false}
        onSort={() => undefined}
        actions={
          manage
            ? (member) => (
                <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label={`Disconnect ${member.name}`} title="Disconnect" onClick={() => leave(member)}>
                  <Unplug size={15} aria-hidden />
                </button>
              )
            : undefined
        }
      />
    </div>
  )
}
