import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange, type Notices } from '@/api/useChange'

export type Schedule = Schema<'Schedule'>
export type Task = NonNullable<Schedule['task']>
export type NewSchedule = Schema<'CreateSchedule'>

const EVERY_MS = 10_000

export const schedulesQuery = queryOptions({
  queryKey: ['schedules'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/v1/schedules', { signal }))).items,
  refetchInterval: EVERY_MS,
})

/** When a schedule would fire next. */
export function previewQuery(cron: string, timezone: string) {
  return queryOptions({
    queryKey: ['schedules', 'preview', cron, timezone],
    queryFn: async ({ signal }) => (await unwrap(api.POST('/api/v1/schedules/preview', { body: { cron, timezone }, signal }))).next_runs,
    placeholderData: keepPreviousData,
    retry: false,
  })
}

const TOUCHED = [['schedules']]

export function useSaveSchedule(id: string | undefined) {
  return useChange(TOUCHED, (schedule: NewSchedule) =>
    unwrap(
      id === undefined
        ? api.POST('/api/v1/schedules', { body: schedule })
        : api.PATCH('/api/v1/schedules/{id}', { params: { path: { id } }, body: schedule }),
    ),
  )
}

export function useEnableSchedule() {
  return useChange(TOUCHED, ({ id, enabled }: { id: string; enabled: boolean }) =>
    unwrap(api.PATCH('/api/v1/schedules/{id}', { params: { path: { id } }, body: { enabled } })),
  )
}

export function useRunSchedule(notices: Notices<string, Schema<'JobAccepted'>>) {
  return useChange(
    TOUCHED,
    (id: string) => unwrap(api.POST('/api/v1/schedules/{id}/run', { params: { path: { id } } })),
    // Only the list says that it runs already.
    { ...notices, untilRead: true },
  )
}

export function useDeleteSchedule() {
  return useChange(TOUCHED, (id: string) => unwrap(api.DELETE('/api/v1/schedules/{id}', { params: { path: { id } } })))
}
