import type { Permission } from '@/features/auth'
import { matchesWords, sortedBy, type SortValue } from '@/format/sorting'
import type { Schedule, Task } from './api/schedules'

export type TaskKind = Task['kind']

export const TASKS: readonly { kind: TaskKind; label: string; permission: Permission }[] = [
  { kind: 'system.prune', label: 'Remove what is unused', permission: 'system.prune' },
  { kind: 'volume.backup', label: 'Back up a volume', permission: 'volumes.manage' },
  { kind: 'image.update_check', label: 'Look for newer images', permission: 'images.read' },
]

const HOUR_WORDS = (hours: number) => (hours % 24 === 0 ? `${hours / 24} d` : `${hours} h`)

/** What a schedule does, in words. One of another release of Dockline may have a task that this one does not know. */
export function taskText(task: Task | null | undefined): string {
  switch (task?.kind) {
    case undefined:
      return 'Something that this release does not know'
    case 'system.prune': {
      const what = [
        task.containers && 'stopped containers',
        task.images != null && (task.images === 'all' ? 'all unused images' : 'images without a tag'),
        task.networks && 'networks',
        task.volumes != null && (task.volumes === 'all' ? 'all unused volumes' : 'anonymous volumes'),
        task.build_cache && 'build cache',
      ].filter((part) => part !== false)
      const age = task.older_than_hours == null ? '' : ` older than ${HOUR_WORDS(task.older_than_hours)}`
      return `Remove ${what.join(', ')}${age}`
    }
    case 'volume.backup':
      return `Back up ${task.volume}, keep ${task.keep ?? 7}`
    case 'image.update_check':
      return 'Look for newer images'
  }
}

/** Where it does that; null for every host. */
export function hostOf(task: Task | null | undefined): string | null {
  return task?.host ?? null
}

export function matches(schedule: Schedule, q: string | undefined): boolean {
  return matchesWords(q, [schedule.name, schedule.cron, schedule.owner.name, hostOf(schedule.task), taskText(schedule.task)])
}

export const SORT_KEYS = ['name', 'task', 'host', 'next', 'last'] as const
export type SortKey = (typeof SORT_KEYS)[number]

const READ: Record<SortKey, (schedule: Schedule) => SortValue> = {
  name: ({ name }) => name,
  task: ({ task }) => taskText(task),
  host: ({ task }) => hostOf(task),
  next: ({ next_runs }) => next_runs[0],
  last: ({ last_run_at }) => last_run_at,
}

export function sorted(schedules: readonly Schedule[], key: SortKey, descending: boolean): Schedule[] {
  return sortedBy(schedules, READ[key], descending, ({ name }) => name)
}
