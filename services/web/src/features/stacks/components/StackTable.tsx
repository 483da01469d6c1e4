import { Link } from '@tanstack/react-router'
import { Ago } from '@/ui/Ago'
import { DataTable, type Column } from '@/ui/DataTable'
import type { Stack } from '../api/stacks'
import { makerOf, type SortKey } from '../model'
import { StackActions, type Intent } from './StackActions'
import { StackStatus } from './StackStatus'

const COLUMNS: readonly Column<Stack>[] = [
  { name: 'state', label: 'State', className: 'dl-col-state', sortable: true, bare: true, cell: (stack) => <StackStatus stack={stack} /> },
  { name: 'name', label: 'Name', className: 'dl-col-name', cellClass: 'dl-card-title', sortable: true, bare: true, cell: (stack) => <Name stack={stack} /> },
  {
    name: 'services',
    label: 'Services',
    cellClass: 'dl-dim dl-ellipsis',
    sortable: true,
    title: ({ services }) => services.join(', '),
    cell: ({ services, running, total }) => (
      <>
        <span className="dl-strong">
          {running}/{total}
        </span>{' '}
        {services.join(', ')}
      </>
    ),
  },
  { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', sortable: true, cell: ({ host }) => host },
  { name: 'maker', label: 'Made by', className: 'dl-col-action', cellClass: 'dl-dim', sortable: true, cell: makerOf },
  { name: 'updated', label: 'Updated', className: 'dl-col-time', cellClass: 'dl-dim', sortable: true, cell: ({ updated_at }) => (updated_at == null ? '–' : <Ago at={updated_at} />) },
]

interface StackTableProps {
  stacks: readonly Stack[]
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
  onIntent: (intent: Intent) => void
}

export function StackTable({ stacks, sort, descending, onSort, onIntent }: StackTableProps) {
  return (
    <DataTable
      label="Stacks"
      items={stacks}
      columns={COLUMNS}
      keyOf={({ host, name }) => `${host} ${name}`}
      nameOf={({ name }) => name}
      dataOf={({ name }) => ({ 'data-stack': name })}
      sort={sort}
      descending={descending}
      onSort={(key) => onSort(key as SortKey)}
      actions={(stack) => <StackActions stack={stack} onIntent={onIntent} place="row" />}
    />
  )
}

function Name({ stack }: { stack: Stack }) {
  const undeployed = stack.managed && stack.revision !== stack.deployed_revision && stack.state !== 'absent'
  return (
    <div className="dl-name">
      <Link to="/hosts/$host/stacks/$name/services" params={{ host: stack.host, name: stack.name }} className="dl-strong dl-ellipsis" data-row title={stack.name}>
        {stack.name}
      </Link>
      {undeployed && (
        <span className="dl-tag" title={stack.deployed_revision == null ? 'Its file was never deployed' : `Revision ${stack.deployed_revision} was deployed last`}>
          file is newer
        </span>
      )}
    </div>
  )
}
