import { getRouteApi } from '@tanstack/react-router'
import { useCan } from '@/features/auth'
import { useContainer } from '@/features/containers'
import { FileBrowser } from '../components/FileBrowser'

const route = getRouteApi('/_app/hosts/$host/containers/$id/files')

/** What is in the container, folder by folder. */
export default function FilesTab() {
  const { host, id, state } = useContainer()
  const { path = '/' } = route.useSearch()
  const navigate = route.useNavigate()
  const write = useCan()('files.write')
  // Engines cannot remove a file: a program in the container does it.
  const unremovable = !write ? null : state === 'running' ? undefined : 'Only in a container that runs'
  return (
    <FileBrowser
      of={{ kind: 'container', host, id }}
      path={path}
      onPath={(next) => void navigate({ search: { path: next === '/' ? undefined : next } })}
      write={write}
      unremovable={unremovable}
    />
  )
}
