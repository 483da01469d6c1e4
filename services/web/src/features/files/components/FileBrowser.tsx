import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Download, File as FileIcon, FileQuestion, Folder, FolderOpen, Link2, Trash2, Upload } from 'lucide-react'
import { Fragment, useMemo, useState } from 'react'
import { bytes, plural } from '@/format/numbers'
import { sortedBy, type SortValue } from '@/format/sorting'
import { Ago } from '@/ui/Ago'
import { Banner } from '@/ui/Banner'
import { DataTable, type Column } from '@/ui/DataTable'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { downloadPath, listingQuery, type Entry, type Place, type Source } from '../api/files'
import { crumbsOf, joined, resolved } from '../paths'
import { EditorDialog } from './EditorDialog'
import { RemoveFileDialog } from './RemoveFileDialog'
import { UploadDialog } from './UploadDialog'
import '../files.scss'

const NONE: Entry[] = []

/** A text beyond this is downloaded rather than edited. */
const EDITABLE_BYTES = 512 * 1024

const ICONS = { file: FileIcon, folder: Folder, link: Link2, other: FileQuestion }

const READ: Record<string, (entry: Entry) => SortValue> = {
  name: ({ kind, name }) => `${kind === 'folder' ? 0 : 1}${name}`,
  size: ({ kind, size }) => (kind === 'file' ? size : null),
  modified: ({ modified_at }) => modified_at,
}

interface FileBrowserProps {
  of: Source
  path: string
  onPath: (path: string) => void
  /** Files can be put there and changed. */
  write: boolean
  /** Why nothing can be removed here now; undefined where it can, null where it is not offered at all. */
  unremovable: string | null | undefined
}

/** What is in a container or a volume, folder by folder. */
export function FileBrowser({ of, path, onPath, write, unremovable }: FileBrowserProps) {
  const [sort, setSort] = useState({ by: 'name', descending: false })
  const [edited, setEdited] = useState<Place | null>(null)
  const [uploading, setUploading] = useState(false)
  const [removed, setRemoved] = useState<Entry | null>(null)
  const queries = useQueryClient()
  const listing = useQuery(listingQuery({ of, path }))
  const items = listing.data?.items ?? NONE
  const here = listing.data?.path ?? path
  const shown = useMemo(() => sortedBy(items, READ[sort.by] ?? (({ name }) => name), sort.descending, ({ name }) => name), [items, sort])

  function fetchIt(entry: Entry): void {
    void downloadPath({ of, path: joined(here, entry.name) }, entry.kind)
  }

  /** Only the engine knows whether a folder is at the end of a link. */
  function follow(target: string): void {
    const place = { of, path: target }
    queries.fetchQuery(listingQuery(place)).then(
      () => onPath(target),
      () => setEdited(place),
    )
  }

  function act(entry: Entry): void {
    if (entry.kind === 'folder') onPath(joined(here, entry.name))
    else if (entry.kind === 'link') follow(resolved(here, entry.link_target ?? '.'))
    else if (entry.kind === 'file' && entry.size <= EDITABLE_BYTES) setEdited({ of, path: joined(here, entry.name) })
    else fetchIt(entry)
  }

  const columns: readonly Column<Entry>[] = [
    { name: 'name', label: 'Name', className: 'dl-col-wide', cellClass: 'dl-card-title', sortable: true, bare: true, cell: (entry) => <Name entry={entry} onOpen={() => act(entry)} /> },
    { name: 'size', label: 'Size', className: 'dl-col-size', cellClass: 'dl-dim', sortable: true, cell: ({ kind, size }) => (kind === 'file' ? bytes(size) : <span className="dl-faint">–</span>) },
    { name: 'mode', label: 'Mode', className: 'dl-col-size', cellClass: 'dl-mono dl-dim', cell: ({ mode }) => mode },
    { name: 'modified', label: 'Changed', className: 'dl-col-time', cellClass: 'dl-dim', sortable: true, cell: ({ modified_at }) => (modified_at == null ? <span className="dl-faint">–</span> : <Ago at={modified_at} />) },
  ]
  return (
    <>
      <div className="dl-toolbar">
        <nav className="dl-path" aria-label="Folder">
          {crumbsOf(here).map(({ label, path: to }, index, all) => (
            <Fragment key={to}>
              {index > 1 && <span aria-hidden>/</span>}
              <button type="button" className="btn btn-ghost btn-sm dl-mono" aria-current={index === all.length - 1 ? 'page' : undefined} aria-label={label === '/' ? 'Root folder' : label} onClick={() => onPath(to)}>
                {label}
              </button>
            </Fragment>
          ))}
        </nav>
        <div className="dl-toolbar-end">
          {listing.data && <span className="dl-dim">{plural(items.length, 'entry', 'entries')}</span>}
          <button type="button" className="btn btn-secondary" onClick={() => void downloadPath({ of, path: here }, 'folder')}>
            <Download size={15} aria-hidden /> Folder as tar
          </button>
          {write && (
            <button type="button" className="btn btn-primary" onClick={() => setUploading(true)}>
              <Upload size={15} aria-hidden /> Upload
            </button>
          )}
        </div>
      </div>
      {listing.data?.truncated === true && <Banner tone="amber">There is more in this folder than could be listed.</Banner>}
      {listing.isPending && <Skeleton rows={8} />}
      {listing.isError && listing.data === undefined && <ErrorPanel what={`${path} could not be opened`} error={listing.error} onRetry={() => void listing.refetch()} />}
      {listing.data !== undefined && items.length === 0 && <Empty icon={<FolderOpen size={20} />}>The folder is empty.</Empty>}
      {shown.length > 0 && (
        <DataTable
          label="Files"
          items={shown}
          columns={columns}
          keyOf={({ name }) => name}
          nameOf={({ name }) => name}
          dataOf={({ name }) => ({ 'data-file': name })}
          sort={sort.by}
          descending={sort.descending}
          onSort={(by) => setSort({ by, descending: by === sort.by && !sort.descending })}
          actions={(entry) => (
            <div className="dl-row-actions">
              {(entry.kind === 'file' || entry.kind === 'folder') && (
                <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label={`Download ${entry.name}`} title="Download" onClick={() => fetchIt(entry)}>
                  <Download size={15} aria-hidden />
                </button>
              )}
              {unremovable !== null && (
                <button
                  type="button"
                  className="btn btn-ghost btn-icon btn-sm"
                  aria-label={`Remove ${entry.name}`}
                  title={unremovable ?? 'Remove'}
                  disabled={unremovable !== undefined}
                  onClick={() => setRemoved(entry)}
                >
                  <Trash2 size={15} aria-hidden />
                </button>
              )}
            </div>
          )}
        />
      )}
      {edited !== null && <EditorDialog key={edited.path} place={edited} write={write} onClose={() => setEdited(null)} />}
      {uploading && <UploadDialog place={{ of, path: here }} onClose={() => setUploading(false)} />}
      {removed !== null && of.kind === 'container' && <RemoveFileDialog of={of} folder={here} entry={removed} onClose={() => setRemoved(null)} />}
    </>
  )
}

function Name({ entry, onOpen }: { entry: Entry; onOpen: () => void }) {
  const Icon = ICONS[entry.kind]
  return (
    <div className="dl-name">
      <Icon size={15} aria-label={entry.kind} className="dl-file-icon" data-kind={entry.kind} />
      {entry.kind === 'other' ? (
        <span className="dl-dim dl-ellipsis">{entry.name}</span>
      ) : (
        <button type="button" className="dl-file dl-ellipsis" data-row title={entry.name} onClick={onOpen}>
          {entry.name}
        </button>
      )}
      {entry.link_target != null && <span className="dl-faint dl-mono dl-ellipsis">→ {entry.link_target}</span>}
    </div>
  )
}
