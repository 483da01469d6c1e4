import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { Schema } from '@/api/client'
import { containerQuery } from './api/containers'

const route = getRouteApi('/_app/hosts/$host/containers/$id')

/** The container whose page this is; its frame shows the tabs only once it is known. */
export function useContainer(): Schema<'ContainerDetails'> {
  const { host, id } = route.useParams()
  const { data } = useQuery(containerQuery(host, id))
  if (data === undefined) throw new Error('a tab was shown before its container was known')
  return data
}
