import { api, unwrap } from '@/api/client'
import { useChange } from '@/api/useChange'
import type { Container } from '../model'

interface Recreation {
  container: Container
  /** Null for the name that it was made by. */
  image: string | null
  pull: boolean
}

/** Puts a new container in the place of one, by a job. */
export function useRecreate() {
  return useChange([['jobs']], ({ container, image, pull }: Recreation) =>
    unwrap(
      api.POST('/api/v1/containers/{id}/recreate', {
        params: { path: { id: container.id }, query: { host: container.host } },
        body: { image, pull: image?.startsWith('sha256:') === true ? false : pull },
      }),
    ),
  )
}
