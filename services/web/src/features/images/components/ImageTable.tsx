import { Link } from '@tanstack/react-router'
import { imageName, shortId } from '@/format/names'
import { bytes } from '@/format/numbers'
import { Ago } from '@/ui/Ago'
import { DataTable, type Column } from '@/ui/DataTable'
import { UpdateTag } from '@/ui/UpdateTag'
import { UsedBy } from '@/ui/UsedBy'
import type { Image } from '../api/images'
import { titleOf, type SortKey } from '../model'
import { ImageActions, type Intent } from './ImageActions'

interface ImageTableProps {
  images: readonly Image[]
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
  onIntent: (intent: Intent) => void
}

const COLUMNS: readonly Column<Image>[] = [
  { name: 'name', label: 'Image', className: 'dl-col-wide', cellClass: 'dl-card-title', sortable: true, bare: true, cell: (image) => <Name image={image} /> },
  { name: 'id', label: 'ID', className: 'dl-col-id', cellClass: 'dl-mono dl-dim', cell: ({ id }) => shortId(id.replace('sha256:', '')) },
  { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', sortable: true, cell: ({ host }) => host },
  { name: 'size', label: 'Size', className: 'dl-col-size', cellClass: 'dl-dim', sortable: true, cell: ({ size_bytes }) => bytes(size_bytes) },
  { name: 'used', label: 'Used by', cellClass: 'dl-dim', sortable: true, cell: ({ host, containers }) => <UsedBy host={host} containers={containers} /> },
  { name: 'created', label: 'Built', className: 'dl-col-time', cellClass: 'dl-dim', sortable: true, cell: ({ created_at }) => <Ago at={created_at} /> },
]

export function ImageTable({ images, sort, descending, onSort, onIntent }: ImageTableProps) {
  return (
    <DataTable
      label="Images"
      items={images}
      columns={COLUMNS}
      keyOf={({ host, id }) => `${host} ${id}`}
      nameOf={titleOf}
      dataOf={(image) => ({ 'data-image': titleOf(image) })}
      sort={sort}
      descending={descending}
      onSort={(key) => onSort(key as SortKey)}
      actions={(image) => <ImageActions image={image} onIntent={onIntent} />}
    />
  )
}

function Name({ image }: { image: Image }) {
  const more = image.tags.length - 1
  return (
    <div className="dl-name">
      <Link to="/hosts/$host/images/$id" params={{ host: image.host, id: image.id }} className="dl-strong dl-ellipsis" data-row title={image.tags.join(', ') || image.id}>
        {titleOf(image)}
      </Link>
      {more > 0 && (
        <span className="dl-tag" title={image.tags.slice(1).map(imageName).join(', ')}>
          +{more}
        </span>
      )}
      {image.dangling && <span className="dl-tag">dangling</span>}
      <UpdateTag update={image.update} />
    </div>
  )
}
