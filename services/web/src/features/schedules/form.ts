import type { NewSchedule, Schedule, Task } from './api/schedules'
import type { TaskKind } from './model'

/** A schedule while it is written. What belongs to another task stays, so that looking around loses nothing. */
export interface ScheduleForm {
  name: string
  cron: string
  timezone: string
  enabled: boolean
  kind: TaskKind
  host: string
  volume: string
  keep: string
  containers: boolean
  images: 'none' | 'dangling' | 'all'
  networks: boolean
  volumes: 'none' | 'anonymous' | 'all'
  buildCache: boolean
  olderThanHours: string
}

export const OWN_TIMEZONE = Intl.DateTimeFormat().resolvedOptions().timeZone

export function emptyForm(kind: TaskKind): ScheduleForm {
  return {
    name: '',
    cron: '0 3 * * *',
    timezone: OWN_TIMEZONE,
    enabled: true,
    kind,
    host: '',
    volume: '',
    keep: '7',
    containers: true,
    images: 'dangling',
    networks: false,
    volumes: 'none',
    buildCache: true,
    olderThanHours: '24',
  }
}

export function formOf({ name, cron, timezone, enabled, task }: Schedule): ScheduleForm {
  const form = { ...emptyForm(task?.kind ?? 'image.update_check'), name, cron, timezone, enabled, host: task?.host ?? '' }
  switch (task?.kind) {
    case 'system.prune':
      return {
        ...form,
        containers: task.containers ?? false,
        images: task.images ?? 'none',
        networks: task.networks ?? false,
        volumes: task.volumes ?? 'none',
        buildCache: task.build_cache ?? false,
        olderThanHours: task.older_than_hours == null ? '' : String(task.older_than_hours),
      }
    case 'volume.backup':
      return { ...form, volume: task.volume, keep: String(task.keep ?? 7) }
    default:
      return form
  }
}

export type Problems = Partial<Record<keyof ScheduleForm, string>>

/** What is written as the server takes it, or what is wrong with it. */
export function readForm(form: ScheduleForm): { schedule: NewSchedule } | { problems: Problems } {
  const problems: Problems = {}
  if (form.name.trim() === '') problems.name = 'Give it a name.'
  if (form.cron.trim().split(/\s+/).length !== 5) problems.cron = 'Write five fields: minute, hour, day of the month, month, day of the week.'
  const task = readTask(form, problems)
  if (Object.keys(problems).length > 0) return { problems }
  return { schedule: { name: form.name.trim(), cron: form.cron.trim(), timezone: form.timezone, enabled: form.enabled, task } }
}

function readTask(form: ScheduleForm, problems: Problems): Task {
  if (form.host === '' && form.kind !== 'image.update_check') problems.host = 'Choose a host.'
  switch (form.kind) {
    case 'system.prune': {
      const [images, volumes] = [form.images === 'none' ? null : form.images, form.volumes === 'none' ? null : form.volumes]
      if (!form.containers && images === null && !form.networks && volumes === null && !form.buildCache) problems.containers = 'Choose what is to be removed.'
      // Engines cannot tell the age of a volume.
      const aged = volumes === null && form.olderThanHours.trim() !== ''
      return {
        kind: form.kind,
        host: form.host,
        containers: form.containers,
        images,
        networks: form.networks,
        volumes,
        build_cache: form.buildCache,
        older_than_hours: aged ? whole(form.olderThanHours, 'olderThanHours', problems) : null,
      }
    }
    case 'volume.backup':
      if (form.volume.trim() === '') problems.volume = 'Choose a volume.'
      return { kind: form.kind, host: form.host, volume: form.volume.trim(), keep: whole(form.keep, 'keep', problems) }
    case 'image.update_check':
      return { kind: form.kind, host: form.host === '' ? null : form.host }
  }
}

function whole(text: string, field: keyof ScheduleForm, problems: Problems): number {
  if (!/^[1-9]\d{0,5}$/.test(text.trim())) problems[field] = 'Write a whole number, at least 1.'
  return Number(text)
}

const FIELDS: Record<string, keyof ScheduleForm> = {
  name: 'name',
  cron: 'cron',
  timezone: 'timezone',
  'task.host': 'host',
  'task.volume': 'volume',
  'task.keep': 'keep',
  'task.older_than_hours': 'olderThanHours',
  task: 'kind',
}

/** The part of the form to which a field of the server belongs. */
export function fieldOf(field: string): keyof ScheduleForm | undefined {
  return FIELDS[field]
}
