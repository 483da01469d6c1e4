import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import type { Container } from '../model'

/** Environments hold secrets: nothing of it is kept once it is done. */
export function useCreate() {
  const queries = useQueryClient()
  return useMutation({
    gcTime: 0,
    mutationFn: (body: Schema<'CreateContainer'>) => unwrap(api.POST('/api/v1/containers', { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['containers'] }),
  })
}

interface On {
  container: Container
}

const at = ({ container }: On) => ({ path: { id: container.id }, query: { host: container.host } })

export function useUpdateLimits() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ container, limits }: On & { limits: Schema<'UpdateContainer'> }) =>
      unwrap(api.PATCH('/api/v1/containers/{id}', { params: at({ container }), body: limits })),
    onSettled: (_data, _error, { container }) => queries.invalidateQueries({ queryKey: ['container', container.id] }),
  })
}

export function useCommit() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ container, image }: On & { image: Schema<'CommitContainer'> }) =>
      unwrap(api.POST('/api/v1/containers/{id}/commit', { params: at({ container }), body: image })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['images'] }),
  })
}
