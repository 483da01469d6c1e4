import { Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useCan } from '@/features/auth'
import { bytes } from '@/format/numbers'
import { Ago } from '@/ui/Ago'
import { DataTable, type Column } from '@/ui/DataTable'
import { UsedBy } from '@/ui/UsedBy'
import type { Volume } from '../api/volumes'
import { keyOf, titleOf, type SortKey } from '../model'

interface VolumeTableProps {
  volumes: readonly Volume[]
  sizes: ReadonlyMap<string, number | null>
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
  onRemove: (volume: Volume) => void
}

export function VolumeTable({ volumes, sizes, sort, descending, onSort, onRemove }: VolumeTableProps) {
  const manage = useCan()('volumes.manage')
  const columns: readonly Column<Volume>[] = [
    { name: 'name', label: 'Volume', className: 'dl-col-wide', cellClass: 'dl-card-title', sortable: true, bare: true, cell: (volume) => <Name volume={volume} /> },
    { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', sortable: true, cell: ({ host }) => host },
    { name: 'driver', label: 'Driver', className: 'dl-col-size', cellClass: 'dl-dim', sortable: true, cell: ({ driver }) => driver },
    { name: 'size', label: 'Size', className: 'dl-col-size', cellClass: 'dl-dim', sortable: true, cell: (volume) => <Size size={sizes.get(keyOf(volume))} /> },
    { name: 'used', label: 'Used by', cellClass: 'dl-dim', sortable: true, cell: ({ host, containers }) => <UsedBy host={host} containers={containers} /> },
    {
      name: 'created',
      label: 'Created',
      className: 'dl-col-time',
      cellClass: 'dl-dim',
      sortable: true,
      cell: ({ created_at }) => (created_at == null ? <span className="dl-faint">–</span> : <Ago at={created_at} />),
    },
  ]
  return (
    <DataTable
      label="Volumes"
      items={volumes}
      columns={columns}
      keyOf={keyOf}
      nameOf={titleOf}
      dataOf={({ name }) => ({ 'data-volume': name })}
      sort={sort}
      descending={descending}
      onSort={(key) => onSort(key as SortKey)}
      actions={
        manage
          ? (volume) => (
              <button
                type="button"
                className="btn btn-ghost btn-icon btn-sm"
                aria-label={`Remove ${titleOf(volume)}`}
                title={volume.containers.length > 0 ? 'In use' : 'Remove'}
                disabled={volume.containers.length > 0}
                onClick={() => onRemove(volume)}
              >
                <Trash2 size={15} aria-hidden />
              </button>
            )
          : undefined
      }
    />
  )
}

function Name({ volume }: { volume: Volume }) {
  return (
    <div className="dl-name">
      <Link to="/hosts/$host/volumes/$name" params={{ host: volume.host, name: volume.name }} className="dl-strong dl-ellipsis" data-row title={volume.name}>
        {titleOf(volume)}
      </Link>
      {volume.anonymous && <span className="dl-tag">anonymous</span>}
      {volume.stack != null && (
        <span className="dl-tag" title={`Compose project ${volume.stack}`}>
          {volume.stack}
        </span>
      )}
    </div>
  )
}

function Size({ size }: { size: number | null | undefined }) {
  return size == null ? <span className="dl-faint">–</span> : bytes(size)
}
