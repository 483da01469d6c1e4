import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CalendarClock, Plus, SearchX } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { plural } from '@/format/numbers'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { schedulesQuery, type Schedule } from '../api/schedules'
import type { Intent } from '../components/ScheduleActions'
import { DeleteScheduleDialog } from '../components/DeleteScheduleDialog'
import { ScheduleTable } from '../components/ScheduleTable'
import { matches, SORT_KEYS, sorted } from '../model'
import '../schedules.scss'

const ScheduleDialog = lazy(() => import('../components/ScheduleDialog'))

const route = getRouteApi('/_app/schedules')
const NONE: Schedule[] = []

/** What is done by itself at certain times. */
export default function SchedulesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const list = useQuery(schedulesQuery)
  const [intent, setIntent] = useState<Intent | null>(null)
  const all = list.data ?? NONE
  const sort = SORT_KEYS.find((key) => key === search.sort) ?? 'name'
  const descending = search.desc === '1'
  const shown = sorted(all.filter((schedule) => matches(schedule, search.q)), sort, descending)
  const close = () => setIntent(null)

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  const add = (
    <button type="button" className="btn btn-primary" onClick={() => setIntent({ kind: 'add' })}>
      <Plus size={15} aria-hidden /> Add schedule
    </button>
  )
  return (
    <Page title="Schedules" status={list.data && <span className="dl-dim">{plural(shown.length, 'schedule')}</span>} actions={add} fill>
      <div className="dl-toolbar">
        <Search label="Search schedules" placeholder="Name, task, host" value={search.q ?? ''} onValue={(q) => set({ q })} />
      </div>
      {list.isPending && <Skeleton rows={6} />}
      {list.isError && list.data === undefined && <ErrorPanel what="The schedules could not be loaded" error={list.error} onRetry={() => void list.refetch()} />}
      {list.data?.length === 0 && (
        <Empty icon={<CalendarClock size={20} />} action={add}>
          There are no schedules yet. They remove what is unused, back up volumes or look for newer images, at the times you say.
        </Empty>
      )}
      {all.length > 0 && shown.length === 0 && (
        <Empty
          icon={<SearchX size={20} />}
          action={
            <button type="button" className="btn btn-secondary" onClick={() => set({ q: '' })}>
              Clear the search
            </button>
          }
        >
          No schedule matches.
        </Empty>
      )}
      {shown.length > 0 && (
        <ScheduleTable
          schedules={shown}
          sort={sort}
          descending={descending}
          onSort={(key) => set({ sort: key === 'name' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
          onIntent={setIntent}
        />
      )}
      <Suspense fallback={null}>
        {intent?.kind === 'add' && <ScheduleDialog onClose={close} />}
        {intent?.kind === 'edit' && <ScheduleDialog schedule={intent.schedule} onClose={close} />}
      </Suspense>
      {intent?.kind === 'delete' && <DeleteScheduleDialog schedule={intent.schedule} onClose={close} />}
    </Page>
  )
}
