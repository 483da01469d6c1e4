import { describe, expect, it } from 'vitest'
import type { Schedule } from './api/schedules'
import { emptyForm, formOf, readForm } from './form'
import { taskText } from './model'

const schedule = (task: Schedule['task']): Schedule => ({
  id: 's',
  name: 'Nightly',
  cron: '0 3 * * *',
  timezone: 'Europe/Berlin',
  enabled: false,
  task,
  permission: 'system.prune',
  owner: { id: 'u', name: 'ada' },
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-01T00:00:00Z',
  next_runs: [],
})

const PRUNE: Schedule['task'] = { kind: 'system.prune', host: 'local', containers: true, images: 'all', networks: false, volumes: null, build_cache: true, older_than_hours: 48 }
const BACKUP: Schedule['task'] = { kind: 'volume.backup', host: 'edge', volume: 'data', keep: 3 }
const CHECK: Schedule['task'] = { kind: 'image.update_check', host: null }

describe('the form of a schedule', () => {
  it.each([[PRUNE], [BACKUP], [CHECK]])('reads what it was made of: %j', (task) => {
    expect(readForm(formOf(schedule(task)))).toEqual({ schedule: { name: 'Nightly', cron: '0 3 * * *', timezone: 'Europe/Berlin', enabled: false, task } })
  })

  it('says what is missing', () => {
    const read = readForm({ ...emptyForm('volume.backup'), cron: 'daily', keep: '0' })
    expect('problems' in read && Object.keys(read.problems).sort()).toEqual(['cron', 'host', 'keep', 'name', 'volume'])
    const nothing = readForm({ ...emptyForm('system.prune'), name: 'x', host: 'local', containers: false, images: 'none', buildCache: false })
    expect('problems' in nothing && nothing.problems.containers).toBeTruthy()
  })

  it('asks no age where volumes are removed: engines do not know it', () => {
    const read = readForm({ ...emptyForm('system.prune'), name: 'x', host: 'local', volumes: 'anonymous', olderThanHours: '24' })
    expect('schedule' in read && read.schedule.task).toMatchObject({ volumes: 'anonymous', older_than_hours: null })
  })
})

it('tasks are told in words', () => {
  expect(taskText(PRUNE)).toBe('Remove stopped containers, all unused images, build cache older than 2 d')
  expect(taskText(BACKUP)).toBe('Back up data, keep 3')
})
