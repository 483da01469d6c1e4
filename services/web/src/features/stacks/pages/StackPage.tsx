import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Outlet, useNavigate } from '@tanstack/react-router'
import { Boxes } from 'lucide-react'
import { Suspense, useState } from 'react'
import { useCan, type Permission } from '@/features/auth'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { Skeleton } from '@/ui/States'
import { stackQuery } from '../api/stacks'
import { StackActions, type Intent } from '../components/StackActions'
import { StackDialogs } from '../components/StackDialogs'
import { StackStatus } from '../components/StackStatus'
import { makerOf } from '../model'
import '../stacks.scss'

const route = getRouteApi('/_app/hosts/$host/stacks/$name')

const TABS: { name: 'services' | 'editor' | 'logs' | 'jobs'; label: string; permission: Permission }[] = [
  { name: 'services', label: 'Services', permission: 'stacks.read' },
  { name: 'editor', label: 'Compose file', permission: 'stacks.read' },
  { name: 'logs', label: 'Logs', permission: 'logs.read' },
  { name: 'jobs', label: 'Jobs', permission: 'stacks.read' },
]

/** The frame of a stack's pages: its name, state, actions and tabs. */
export default function StackPage() {
  const { host, name } = route.useParams()
  const navigate = useNavigate()
  const can = useCan()
  const stack = useQuery(stackQuery({ host, name }))
  const [intent, setIntent] = useState<Intent | null>(null)
  const data = stack.data
  return (
    <Page
      title={name}
      crumbs={[{ label: 'Stacks', to: '/stacks' }, { label: host, to: `/hosts/${host}` }]}
      status={
        data !== undefined && (
          <>
            <StackStatus stack={data} pill />
            <span className="dl-dim dl-wide-only">
              {data.running} of {data.total} running · {data.managed ? makerOf(data) : `made ${makerOf(data)}`}
            </span>
          </>
        )
      }
      actions={data !== undefined && <StackActions stack={data} busy={data.job != null} onIntent={setIntent} place="header" />}
      tabs={
        <nav className="dl-tabs" aria-label={`Pages of ${name}`}>
          {TABS.filter((tab) => can(tab.permission)).map((tab) => (
            <Link key={tab.name} to={`/hosts/$host/stacks/$name/${tab.name}`} params={{ host, name }} activeOptions={{ includeSearch: false }}>
              {tab.label}
            </Link>
          ))}
        </nav>
      }
      fill
    >
      {stack.isPending && <Skeleton rows={8} />}
      {stack.isError && data === undefined && (
        <Missing what="stack" icon={<Boxes size={20} />} back={{ label: 'Go to the stacks', to: '/stacks' }} error={stack.error} onRetry={() => void stack.refetch()} />
      )}
      {data !== undefined && (
        <Suspense fallback={<Skeleton rows={8} />}>
          <Outlet />
        </Suspense>
      )}
      <StackDialogs intent={intent} onClose={() => setIntent(null)} onRemoved={() => void navigate({ to: '/stacks' })} />
    </Page>
  )
}
