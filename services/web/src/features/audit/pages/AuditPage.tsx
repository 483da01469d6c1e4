import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { RotateCw, ScrollText } from 'lucide-react'
import { useMemo, useState } from 'react'
import { beginOf, PERIODS } from '@/format/period'
import { LoadMore } from '@/ui/LoadMore'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { auditQuery } from '../api/audit'
import { AuditTable } from '../components/AuditTable'

const route = getRouteApi('/_app/admin/audit')

const OUTCOMES = ['success', 'failure', 'denied', 'intent'] as const

/** Who did what, to what, from where, and how it went. */
export default function AuditPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [now, setNow] = useState(Date.now)
  const { q, actor, action, outcome, since, until } = search
  const filter = useMemo(
    () => ({ q, actor, action, outcome, since: beginOf(since, now), until }),
    [q, actor, action, outcome, since, until, now],
  )
  const audit = useInfiniteQuery(auditQuery(filter))
  const records = audit.data?.pages.flatMap((page) => page.items) ?? []
  const filtered = Object.values(search).some((value) => value !== undefined)

  function set(change: typeof search): void {
    setNow(Date.now())
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  return (
    <Page
      title="Audit log"
      crumbs={[{ label: 'Administration' }]}
      actions={
        <button type="button" className="btn btn-secondary" disabled={audit.isFetching} onClick={() => void audit.refetch()}>
          <RotateCw size={14} aria-hidden /> Refresh
        </button>
      }
      fill
    >
      <div className="dl-toolbar">
        <Search label="Search the audit log" placeholder="Target, request, anything" value={q ?? ''} debounceMs={250} onValue={(value) => set({ q: value })} />
        <Search label="User" placeholder="User" value={actor ?? ''} debounceMs={250} onValue={(value) => set({ actor: value })} />
        <Search label="Action" placeholder="Action, as auth.login" value={action ?? ''} debounceMs={250} onValue={(value) => set({ action: value })} />
        <Select
          label="Outcome"
          value={outcome ?? ''}
          options={[{ value: '', label: 'All outcomes' }, ...OUTCOMES.map((value) => ({ value, label: value }))]}
          onValue={(value) => set({ outcome: value })}
        />
        <Select label="Period" value={since ?? ''} options={[{ value: '', label: 'Any time' }, ...PERIODS]} onValue={(value) => set({ since: value })} />
      </div>
      <div className="dl-scroll" aria-busy={audit.isFetching}>
        {audit.isPending && <Skeleton rows={12} />}
        {audit.isError && records.length === 0 && (
          <ErrorPanel what="The audit log could not be read" error={audit.error} onRetry={() => void audit.refetch()} />
        )}
        {audit.isSuccess && records.length === 0 && (
          <Empty
            icon={<ScrollText size={20} />}
            action={
              filtered && (
                <button
                  type="button"
                  className="btn btn-secondary"
                  onClick={() => set({ q: '', actor: '', action: '', outcome: '', since: '', until: '' })}
                >
                  Clear the filters
                </button>
              )
            }
          >
            {filtered ? 'Nothing matches.' : 'Nothing has been done yet.'}
          </Empty>
        )}
        {records.length > 0 && <AuditTable records={records} />}
        <LoadMore query={audit} shown={records.length} />
      </div>
    </Page>
  )
}
