import { queryOptions, useMutation } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange } from '@/api/useChange'

export type Registry = Schema<'Registry'>
export type NewRegistry = Schema<'CreateRegistry'>
export type RegistryChange = Schema<'UpdateRegistry'>
export type TestOutcome = Schema<'RegistryTrial'>

export const registriesQuery = queryOptions({
  queryKey: ['registries'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/v1/registries', { signal }))).items,
})

const TOUCHED = [['registries']]

export function useAddRegistry() {
  return useChange(TOUCHED, (registry: NewRegistry) => unwrap(api.POST('/api/v1/registries', { body: registry })))
}

export function useUpdateRegistry() {
  return useChange(TOUCHED, ({ id, change }: { id: string; change: RegistryChange }) =>
    unwrap(api.PATCH('/api/v1/registries/{id}', { params: { path: { id } }, body: change })),
  )
}

export function useRemoveRegistry() {
  return useChange(TOUCHED, (id: string) => unwrap(api.DELETE('/api/v1/registries/{id}', { params: { path: { id } } })))
}

/** Has a host's engine sign in: with what is written, or with what is stored. */
export function useTestRegistry() {
  return useMutation({
    mutationFn: ({ host, stored, written }: { host: string } & ({ stored: string; written?: undefined } | { stored?: undefined; written: NewRegistry })) =>
      unwrap(
        stored === undefined
          ? api.POST('/api/v1/registries/test', { body: { host, ...written } })
          : api.POST('/api/v1/registries/{id}/test', { params: { path: { id: stored } }, body: { host } }),
      ),
  })
}
