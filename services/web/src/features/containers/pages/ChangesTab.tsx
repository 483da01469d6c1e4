import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { FileDiff, SearchX } from 'lucide-react'
import { useMemo } from 'react'
import type { Schema } from '@/api/client'
import { count, plural } from '@/format/numbers'
import { matchesWords } from '@/format/sorting'
import { Banner } from '@/ui/Banner'
import { DataTable, type Column } from '@/ui/DataTable'
import { Search } from '@/ui/Search'
import { Segmented } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { Status, type Tone } from '@/ui/Status'
import { changesQuery } from '../api/look'
import { useContainer } from '../useContainer'

const route = getRouteApi('/_app/hosts/$host/containers/$id/changes')

type Change = Schema<'FileChange'>

const TONES: Record<Change['kind'], Tone> = { added: 'green', modified: 'amber', removed: 'red' }
const WORDS: Record<Change['kind'], string> = { added: 'Added', modified: 'Changed', removed: 'Removed' }
const KINDS = ['added', 'modified', 'removed'] as const
const NONE: Change[] = []

const COLUMNS: readonly Column<Change>[] = [
  { name: 'kind', label: 'Change', className: 'dl-col-state', bare: true, cell: ({ kind }) => <Status tone={TONES[kind]}>{WORDS[kind]}</Status> },
  { name: 'path', label: 'Path', cellClass: 'dl-mono dl-ellipsis dl-card-path', bare: true, title: ({ path }) => path, cell: ({ path }) => path },
]

/** What the container changed in its own file system since its image. */
export default function ChangesTab() {
  const { host, id } = useContainer()
  const { q, kind } = route.useSearch()
  const navigate = route.useNavigate()
  const changes = useQuery(changesQuery(host, id))
  const all = changes.data?.items ?? NONE
  const shown = useMemo(() => all.filter((change) => (kind === undefined || change.kind === kind) && matchesWords(q, [change.path])), [all, kind, q])
  const set = (change: { q?: string; kind?: string }) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  const options = [{ value: '', label: 'All', count: all.length }, ...KINDS.map((value) => ({ value, label: WORDS[value], count: all.filter((change) => change.kind === value).length }))]
  return (
    <>
      <div className="dl-toolbar">
        <Search label="Search paths" value={q ?? ''} onValue={(value) => set({ q: value })} />
        <Segmented label="Change" value={kind ?? ''} options={options} onValue={(value) => set({ kind: value })} />
        <span className="dl-dim dl-toolbar-end">{changes.data && plural(shown.length, 'path')}</span>
      </div>
      {changes.data !== undefined && changes.data.total > all.length && (
        <Banner tone="amber">
          There are {count(changes.data.total)} changes; the first {count(all.length)} are shown.
        </Banner>
      )}
      {changes.isPending && <Skeleton rows={8} />}
      {changes.isError && changes.data === undefined && <ErrorPanel what="The changes could not be loaded" error={changes.error} onRetry={() => void changes.refetch()} />}
      {changes.data !== undefined && shown.length === 0 && (
        <Empty icon={all.length === 0 ? <FileDiff size={20} /> : <SearchX size={20} />}>
          {all.length === 0 ? 'It has changed nothing: its files are as in its image.' : 'No path matches.'}
        </Empty>
      )}
      {shown.length > 0 && (
        <DataTable label="Changes" items={shown} columns={COLUMNS} keyOf={({ path }) => path} nameOf={({ path }) => path} sort="" descending={false} onSort={() => undefined} />
      )}
    </>
  )
}
