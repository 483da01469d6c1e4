import { Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useCan } from '@/features/auth'
import { Ago } from '@/ui/Ago'
import { DataTable, type Column } from '@/ui/DataTable'
import type { Network } from '../api/networks'
import type { SortKey } from '../model'

interface NetworkTableProps {
  networks: readonly Network[]
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
  onRemove: (network: Network) => void
}

const COLUMNS: readonly Column<Network>[] = [
  { name: 'name', label: 'Network', className: 'dl-col-name', cellClass: 'dl-card-title', sortable: true, bare: true, cell: (network) => <Name network={network} /> },
  { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', sortable: true, cell: ({ host }) => host },
  { name: 'driver', label: 'Driver', className: 'dl-col-size', cellClass: 'dl-dim', sortable: true, cell: ({ driver }) => driver },
  {
    name: 'subnets',
    label: 'Addresses',
    cellClass: 'dl-mono dl-dim dl-ellipsis',
    title: ({ subnets }) => subnets.map(({ subnet }) => subnet).join(', '),
    cell: ({ subnets }) => (subnets.length === 0 ? <span className="dl-faint">–</span> : subnets.map(({ subnet }) => subnet).join(', ')),
  },
  { name: 'containers', label: 'Containers', className: 'dl-col-size', cellClass: 'dl-dim', sortable: true, cell: ({ containers }) => containers },
  { name: 'created', label: 'Created', className: 'dl-col-time', cellClass: 'dl-dim', sortable: true, cell: ({ created_at }) => <Ago at={created_at} /> },
]

export function NetworkTable({ networks, sort, descending, onSort, onRemove }: NetworkTableProps) {
  const manage = useCan()('networks.manage')
  return (
    <DataTable
      label="Networks"
      items={networks}
      columns={COLUMNS}
      keyOf={({ host, id }) => `${host} ${id}`}
      nameOf={({ name }) => name}
      dataOf={({ name }) => ({ 'data-network': name })}
      sort={sort}
      descending={descending}
      onSort={(key) => onSort(key as SortKey)}
      actions={
        manage
          ? (network) =>
              !network.predefined && (
                <button
                  type="button"
                  className="btn btn-ghost btn-icon btn-sm"
                  aria-label={`Remove ${network.name}`}
                  title={network.containers > 0 ? 'In use' : 'Remove'}
                  disabled={network.containers > 0}
                  onClick={() => onRemove(network)}
                >
                  <Trash2 size={15} aria-hidden />
                </button>
              )
          : undefined
      }
    />
  )
}

function Name({ network }: { network: Network }) {
  return (
    <div className="dl-name">
      <Link to="/hosts/$host/networks/$id" params={{ host: network.host, id: network.id }} className="dl-strong dl-ellipsis" data-row title={network.name}>
        {network.name}
      </Link>
      {network.internal && <span className="dl-tag">internal</span>}
      {network.stack != null && (
        <span className="dl-tag" title={`Compose project ${network.stack}`}>
          {network.stack}
        </span>
      )}
    </div>
  )
}
