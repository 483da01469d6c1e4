import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Video } from 'lucide-react'
import { hostsQuery } from '@/features/hosts'
import { LoadMore } from '@/ui/LoadMore'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { recordingsQuery } from '../api/recordings'
import { RecordingTable } from '../components/RecordingTable'

const route = getRouteApi('/_app/admin/recordings')

/** The terminals that were recorded. */
export default function RecordingsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { user, container, host } = search
  const pages = useInfiniteQuery(recordingsQuery({ user, container, host }))
  const hosts = useQuery(hostsQuery).data?.items ?? []
  const recordings = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const filtered = [user, container, host].some((value) => value !== undefined)

  function set(change: typeof search): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  return (
    <Page title="Recordings" crumbs={[{ label: 'Administration' }]} fill>
      <div className="dl-toolbar">
        <Search label="User" placeholder="User’s whole name" value={user ?? ''} debounceMs={250} onValue={(value) => set({ user: value })} />
        <Search label="Container" placeholder="Container’s whole name, or ID" value={container ?? ''} debounceMs={250} onValue={(value) => set({ container: value })} />
        {(hosts.length > 1 || host !== undefined) && (
          <Select label="Host" value={host ?? ''} options={[{ value: '', label: 'All hosts' }, ...hosts.map(({ id }) => ({ value: id, label: id }))]} onValue={(value) => set({ host: value })} />
        )}
      </div>
      {pages.isPending && <Skeleton rows={10} />}
      {pages.isError && recordings.length === 0 && <ErrorPanel what="The recordings could not be loaded" error={pages.error} onRetry={() => void pages.refetch()} />}
      {pages.isSuccess && recordings.length === 0 && (
        <Empty
          icon={<Video size={20} />}
          action={
            filtered && (
              <button type="button" className="btn btn-secondary" onClick={() => set({ user: '', container: '', host: '' })}>
                Clear the filters
              </button>
            )
          }
        >
          {filtered ? (
            'No recording matches.'
          ) : (
            <>
              No terminal was recorded. The setting <code>DOCKLINE_RECORD_TERMINALS</code> says which are.
            </>
          )}
        </Empty>
      )}
      {recordings.length > 0 && <RecordingTable recordings={recordings} />}
      <LoadMore query={pages} shown={recordings.length} />
    </Page>
  )
}
