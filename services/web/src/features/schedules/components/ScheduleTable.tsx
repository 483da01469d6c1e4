import { Ago } from '@/ui/Ago'
import { Ahead } from '@/ui/Ahead'
import { DataTable, type Column } from '@/ui/DataTable'
import { Status, type Tone } from '@/ui/Status'
import type { Schedule } from '../api/schedules'
import { hostOf, taskText, type SortKey } from '../model'
import { ScheduleActions, type Intent } from './ScheduleActions'

interface ScheduleTableProps {
  schedules: readonly Schedule[]
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
  onIntent: (intent: Intent) => void
}

export function ScheduleTable({ schedules, sort, descending, onSort, onIntent }: ScheduleTableProps) {
  const columns: readonly Column<Schedule>[] = [
    { name: 'state', label: 'State', className: 'dl-col-state', bare: true, cell: (schedule) => <State schedule={schedule} /> },
    {
      name: 'name',
      label: 'Name',
      className: 'dl-col-schedule',
      cellClass: 'dl-card-title',
      sortable: true,
      bare: true,
      cell: (schedule) => (
        <button type="button" className="dl-link dl-strong dl-ellipsis" data-row title={schedule.name} onClick={() => onIntent({ kind: 'edit', schedule })}>
          {schedule.name}
        </button>
      ),
    },
    { name: 'task', label: 'What', cellClass: 'dl-dim dl-ellipsis', sortable: true, title: ({ task }) => taskText(task), cell: ({ task }) => taskText(task) },
    { name: 'host', label: 'Host', className: 'dl-col-host', cellClass: 'dl-dim', sortable: true, cell: ({ task }) => hostOf(task) ?? 'all' },
    { name: 'cron', label: 'When', className: 'dl-col-time', cellClass: 'dl-mono dl-dim dl-ellipsis', title: ({ cron, timezone }) => `${cron} in ${timezone}`, cell: ({ cron }) => cron },
    { name: 'next', label: 'Next', className: 'dl-col-size', cellClass: 'dl-dim', sortable: true, cell: ({ next_runs: [next] }) => (next === undefined ? '–' : <Ahead at={next} />) },
    { name: 'last', label: 'Last run', className: 'dl-col-last', sortable: true, cell: (schedule) => <LastRun schedule={schedule} /> },
  ]
  return (
    <DataTable
      label="Schedules"
      items={schedules}
      columns={columns}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      dataOf={({ name }) => ({ 'data-schedule': name })}
      sort={sort}
      descending={descending}
      onSort={(key) => onSort(key as SortKey)}
      actions={(schedule) => <ScheduleActions schedule={schedule} onIntent={onIntent} />}
    />
  )
}

function State({ schedule }: { schedule: Schedule }) {
  if (!schedule.enabled) return <Status tone="grey">Disabled</Status>
  if (schedule.problem == null) return <Status tone="green">Enabled</Status>
  return (
    <Status tone="red" title={schedule.problem}>
      Does not run
    </Status>
  )
}

const ENDS: Record<NonNullable<Schedule['last_job']>['state'], { tone: Tone; word: string }> = {
  queued: { tone: 'grey', word: 'waiting' },
  running: { tone: 'blue', word: 'running' },
  succeeded: { tone: 'green', word: 'done' },
  failed: { tone: 'red', word: 'failed' },
  cancelled: { tone: 'amber', word: 'cancelled' },
}

function LastRun({ schedule: { last_job: job, last_run_at: at } }: { schedule: Schedule }) {
  if (job == null || at == null) return <span className="dl-faint">never</span>
  const { tone, word } = ENDS[job.state]
  return (
    <Status tone={tone} busy={job.state === 'running'} title={job.error ?? undefined}>
      {word}
      <span className="dl-faint">
        <Ago at={at} />
      </span>
    </Status>
  )
}
