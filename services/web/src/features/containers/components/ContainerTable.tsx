import { Link } from '@tanstack/react-router'
import { imageWithoutRegistry, shortId } from '@/format/names'
import { DataTable, type Column } from '@/ui/DataTable'
import { UpdateTag } from '@/ui/UpdateTag'
import { keyOf, portTexts, type Container, type SortKey } from '../model'
import { ContainerActions } from './ContainerActions'
import { ContainerStatus } from './ContainerStatus'

interface ContainerTableProps {
  containers: Container[]
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
  /** Absent for who can do nothing to several at once. */
  selection?: { keys: ReadonlySet<string>; onKeys: (keys: ReadonlySet<string>) => void } | undefined
}

const COLUMNS: readonly Column<Container>[] = [
  { name: 'state', label: 'State', className: 'dl-col-state', sortable: true, bare: true, cell: (container) => <ContainerStatus container={container} /> },
  { name: 'name', label: 'Name', className: 'dl-col-name', cellClass: 'dl-card-title', sortable: true, bare: true, cell: (container) => <Name container={container} /> },
  { name: 'image', label: 'Image', cellClass: 'dl-mono dl-dim dl-ellipsis', sortable: true, title: ({ image }) => image, cell: ({ image }) => imageWithoutRegistry(image) },
  { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', sortable: true, cell: ({ host }) => host },
  {
    name: 'ports',
    label: 'Ports',
    className: 'dl-col-ports',
    cellClass: 'dl-mono dl-dim dl-ellipsis',
    title: (container) => portTexts(container).join(', '),
    cell: (container) => <Ports texts={portTexts(container)} />,
  },
  {
    name: 'created',
    label: 'Status',
    className: 'dl-col-status',
    cellClass: 'dl-dim dl-ellipsis',
    sortable: true,
    title: ({ status, id }) => `${status} · ${shortId(id)}`,
    cell: ({ status }) => status,
  },
]

/** The containers, dense, with what can be done to them. */
export function ContainerTable({ containers, sort, descending, onSort, selection }: ContainerTableProps) {
  return (
    <DataTable
      label="Containers"
      items={containers}
      columns={COLUMNS}
      keyOf={keyOf}
      nameOf={({ name }) => name}
      dataOf={({ id }) => ({ 'data-container': id })}
      sort={sort}
      descending={descending}
      onSort={(key) => onSort(key as SortKey)}
      actions={(container) => <ContainerActions container={container} place="row" />}
      selection={selection}
    />
  )
}

function Name({ container }: { container: Container }) {
  const params = { host: container.host, id: container.id }
  return (
    <div className="dl-name">
      <Link to="/hosts/$host/containers/$id/overview" params={params} className="dl-strong dl-ellipsis" data-row title={container.name}>
        {container.name}
      </Link>
      {container.stack != null && (
        <Link
          to="/hosts/$host/stacks/$name/services"
          params={{ host: container.host, name: container.stack }}
          className="dl-tag"
          title={`Compose project ${container.stack}`}
        >
          {container.stack}
        </Link>
      )}
      <UpdateTag update={container.update} />
    </div>
  )
}

function Ports({ texts }: { texts: string[] }) {
  if (texts.length === 0) return <span className="dl-faint">–</span>
  return (
    <>
      {texts[0]}
      {texts.length > 1 && <span className="dl-faint"> +{texts.length - 1}</span>}
    </>
  )
}
