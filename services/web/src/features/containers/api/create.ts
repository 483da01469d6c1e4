import { api, unwrap, type Schema } from '@/api/client'
import { useChange } from '@/api/useChange'
import type { Container } from '../model'

/** Environments hold secrets: nothing of it is kept once it is done. */
export function useCreate() {
  return useChange([['containers']], (body: Schema<'CreateContainer'>) => unwrap(api.POST('/api/v1/containers', { body })), { gcTime: 0 })
}

interface On {
  container: Container
}

const at = ({ container }: On) => ({ path: { id: container.id }, query: { host: container.host } })

export function useUpdateLimits() {
  return useChange(
    ({ container }) => [['container', container.id]],
    ({ container, limits }: On & { limits: Schema<'UpdateContainer'> }) => unwrap(api.PATCH('/api/v1/containers/{id}', { params: at({ container }), body: limits })),
  )
}

export function useCommit() {
  return useChange([['images']], ({ container, image }: On & { image: Schema<'CommitContainer'> }) =>
    unwrap(api.POST('/api/v1/containers/{id}/commit', { params: at({ container }), body: image })),
  )
}
