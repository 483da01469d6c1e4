import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet } from '@tanstack/react-router'
import { Box } from 'lucide-react'
import { Suspense } from 'react'
import { useCan, type Permission } from '@/features/auth'
import { imageName } from '@/format/names'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { Skeleton } from '@/ui/States'
import { UpdateTag } from '@/ui/UpdateTag'
import { containerQuery } from '../api/containers'
import { ContainerActions } from '../components/ContainerActions'
import { ContainerStatus } from '../components/ContainerStatus'

const route = getRouteApi('/_app/hosts/$host/containers/$id')

type TabName = 'overview' | 'logs' | 'stats' | 'terminal' | 'files' | 'processes' | 'changes' | 'inspect' | 'events'

const TABS: { name: TabName; label: string; permission: Permission }[] = [
  { name: 'overview', label: 'Overview', permission: 'containers.read' },
  { name: 'logs', label: 'Logs', permission: 'logs.read' },
  { name: 'stats', label: 'Stats', permission: 'stats.read' },
  { name: 'terminal', label: 'Terminal', permission: 'containers.exec' },
  { name: 'files', label: 'Files', permission: 'files.read' },
  { name: 'processes', label: 'Processes', permission: 'containers.read' },
  { name: 'changes', label: 'Changes', permission: 'containers.read' },
  { name: 'inspect', label: 'Inspect', permission: 'containers.read' },
  { name: 'events', label: 'Events', permission: 'events.read' },
]

/** The frame of a container's pages: its name, state, actions and tabs. */
export default function ContainerPage() {
  const { host, id } = route.useParams()
  const container = useQuery(containerQuery(host, id))
  const can = useCan()
  const data = container.data
  const name = data?.name ?? id.slice(0, 12)
  return (
    <Page
      title={name}
      crumbs={[{ label: 'Containers', to: '/containers' }, { label: host, to: `/hosts/${host}` }]}
      status={
        data !== undefined && (
          <>
            <ContainerStatus container={data} pill />
            <span className="dl-mono dl-dim dl-ellipsis dl-wide-only" title={data.image}>
              {imageName(data.image)}
            </span>
            <UpdateTag update={data.update} />
          </>
        )
      }
      actions={data !== undefined && <ContainerActions container={data} place="header" />}
      tabs={
        <nav className="dl-tabs" aria-label={`Pages of ${name}`}>
          {TABS.filter((tab) => can(tab.permission)).map((tab) => (
            <Link key={tab.name} to={`/hosts/$host/containers/$id/${tab.name}`} params={{ host, id }} activeOptions={{ includeSearch: false }}>
              {tab.label}
            </Link>
          ))}
        </nav>
      }
      fill
    >
      {container.isPending && <Skeleton rows={8} />}
      {container.isError && data === undefined && (
        <Missing what="container" icon={<Box size={20} />} back={{ label: 'Go to the containers', to: '/containers' }} error={container.error} onRetry={() => void container.refetch()} />
      )}
      {data !== undefined && (
        <Suspense fallback={<Skeleton rows={8} />}>
          <Outlet />
        </Suspense>
      )}
    </Page>
  )
}
