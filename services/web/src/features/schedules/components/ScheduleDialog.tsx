import { useState } from 'react'
import { ApiError } from '@/api/errors'
import { useCan } from '@/features/auth'
import { useOnlyHost } from '@/features/hosts'
import { Choice } from '@/ui/Choice'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { FormFooter, Refusal } from '@/ui/Form'
import { SelectField } from '@/ui/SelectField'
import { toast } from '@/ui/toast'
import { useSaveSchedule, type Schedule } from '../api/schedules'
import { emptyForm, fieldOf, formOf, readForm, type Problems, type ScheduleForm } from '../form'
import { TASKS } from '../model'
import { CronField } from './CronField'
import { TaskFields } from './TaskFields'

interface ScheduleDialogProps {
  /** Absent for a new one. */
  schedule?: Schedule
  onClose: () => void
}

/** What is to be done, and when. */
export default function ScheduleDialog({ schedule, onClose }: ScheduleDialogProps) {
  const can = useCan()
  const only = useOnlyHost(undefined)
  const tasks = TASKS.filter(({ kind, permission }) => can(permission) || kind === schedule?.task?.kind)
  const [written, setForm] = useState<ScheduleForm>(() => (schedule === undefined ? emptyForm(tasks[0]?.kind ?? 'image.update_check') : formOf(schedule)))
  const [problems, setProblems] = useState<Problems>({})
  const save = useSaveSchedule(schedule?.id)
  const form = written.host === '' && written.kind !== 'image.update_check' ? { ...written, host: only } : written
  const set = (change: Partial<ScheduleForm>) => {
    setForm({ ...form, ...change })
    setProblems(Object.fromEntries(Object.entries(problems).filter(([field]) => !(field in change))))
  }

  function submit(): void {
    const read = readForm(form)
    if ('problems' in read) {
      setProblems(read.problems)
      return
    }
    save.mutate(read.schedule, {
      onSuccess: ({ name }) => {
        toast.success(`${schedule === undefined ? 'Added' : 'Changed'} ${name}`)
        onClose()
      },
      onError: (error) => setProblems(serverProblems(error)),
    })
  }

  const placed = save.error instanceof ApiError ? save.error.fields.filter(({ field }) => fieldOf(field) !== undefined).map(({ field }) => field) : []
  return (
    <Dialog
      title={schedule === undefined ? 'Add a schedule' : `Edit ${schedule.name}`}
      kind="drawer"
      keepOpen
      onClose={onClose}
      onSubmit={submit}
      footer={<FormFooter submit={schedule === undefined ? 'Add schedule' : 'Save'} busy={save.isPending} onClose={onClose} />}
    >
      <Field label="Name" data-autofocus autoComplete="off" placeholder="Nightly clean-up" value={form.name} onValue={(name) => set({ name })} error={problems.name} />
      <SelectField label="What it does" value={form.kind} options={tasks.map(({ kind, label }) => ({ value: kind, label }))} onValue={(kind) => set({ kind })} error={problems.kind} />
      <TaskFields form={form} set={set} problems={problems} />
      <CronField
        cron={form.cron}
        timezone={form.timezone}
        error={problems.cron}
        timezoneError={problems.timezone}
        onCron={(cron) => set({ cron })}
        onTimezone={(timezone) => set({ timezone })}
      />
      <Choice checked={form.enabled} onChange={(enabled) => set({ enabled })} label="Enabled" hint="It runs with your rights: it stops when your account loses them." />
      <Refusal error={save.error} fields={placed} />
    </Dialog>
  )
}

function serverProblems(error: unknown): Problems {
  if (!(error instanceof ApiError)) return {}
  const problems: Problems = {}
  for (const { field, message } of error.fields) {
    const own = fieldOf(field)
    if (own !== undefined) problems[own] ??= message
  }
  return problems
}
