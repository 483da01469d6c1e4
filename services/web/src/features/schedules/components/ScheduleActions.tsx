import { useNavigate } from '@tanstack/react-router'
import { ListChecks, MoreHorizontal, Pause, Pencil, Play, Trash2 } from 'lucide-react'
import { useCan, type Permission } from '@/features/auth'
import { watchJob } from '@/features/jobs'
import { failureToast } from '@/ui/failureToast'
import { Menu } from '@/ui/Menu'
import { toast } from '@/ui/toast'
import { useEnableSchedule, useRunSchedule, type Schedule } from '../api/schedules'

/** What somebody wants to do, for which a dialog opens. */
export type Intent = { kind: 'add' } | { kind: 'edit' | 'delete'; schedule: Schedule }

const SIZE = 15

interface ScheduleActionsProps {
  schedule: Schedule
  onIntent: (intent: Intent) => void
}

/** What can be done with a schedule. */
export function ScheduleActions({ schedule, onIntent }: ScheduleActionsProps) {
  const { id, name, enabled } = schedule
  const can = useCan()
  const navigate = useNavigate()
  const run = useRunSchedule({
    onSuccess: ({ job }) => watchJob(job.id),
    onError: (error) => failureToast(`Could not run ${name}`, error),
  })
  const enable = useEnableSchedule()
  const busy = schedule.last_job?.state === 'queued' || schedule.last_job?.state === 'running'
  const allowed = can(schedule.permission as Permission)

  function switchIt(): void {
    enable.mutateAsync({ id, enabled: !enabled }).then(
      () => toast.success(`${enabled ? 'Disabled' : 'Enabled'} ${name}`),
      (error: unknown) => failureToast(`Could not change ${name}`, error),
    )
  }

  return (
    <div className="dl-row-actions">
      {allowed && (
        <div className="dl-row-quick">
          <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label={`Run ${name} now`} title="Run now" disabled={busy || run.isPending} onClick={() => run.mutate(id)}>
            <Play size={SIZE} aria-hidden />
          </button>
        </div>
      )}
      <Menu
        label={`Actions for ${name}`}
        trigger={<MoreHorizontal size={16} aria-hidden />}
        triggerClass="btn btn-ghost btn-icon btn-sm"
        items={[
          ...(allowed ? [{ label: 'Run now', icon: <Play size={SIZE} aria-hidden />, disabled: busy || run.isPending, onSelect: () => run.mutate(id) }] : []),
          { label: 'Its jobs', icon: <ListChecks size={SIZE} aria-hidden />, onSelect: () => void navigate({ to: '/jobs', search: { kind: schedule.task?.kind, host: schedule.task?.host ?? undefined } }) },
          'separator',
          { label: 'Edit…', icon: <Pencil size={SIZE} aria-hidden />, onSelect: () => onIntent({ kind: 'edit', schedule }) },
          { label: enabled ? 'Disable' : 'Enable', icon: enabled ? <Pause size={SIZE} aria-hidden /> : <Play size={SIZE} aria-hidden />, onSelect: switchIt },
          'separator',
          { label: 'Delete…', icon: <Trash2 size={SIZE} aria-hidden />, danger: true, onSelect: () => onIntent({ kind: 'delete', schedule }) },
        ]}
      />
    </div>
  )
}
