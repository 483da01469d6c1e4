import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Pencil, PlugZap, Server } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { Skeleton } from '@/ui/States'
import { hostQuery, hostsQuery } from '../api/hosts'
import { HostDetails } from '../components/HostDetails'
import { HostDialogs } from '../components/HostDialogs'
import { HostMenu, type Intent } from '../components/HostMenu'
import { HostState } from '../components/HostState'
import { Security } from '../components/Security'
import '../hosts.scss'

const route = getRouteApi('/_app/hosts/$host')

/** One host: what its engine is, how it is reached, and what may be done with it. */
export default function HostPage() {
  const { host: id } = route.useParams()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const manage = useCan()('hosts.manage')
  const [intent, setIntent] = useState<Intent | null>(null)
  const host = useQuery({
    ...hostQuery(id),
    placeholderData: () => queries.getQueryData(hostsQuery.queryKey)?.items.find((known) => known.id === id),
  })
  const data = host.data
  return (
    <Page
      title={id}
      crumbs={[{ label: 'Hosts', to: '/hosts' }]}
      status={
        data !== undefined && (
          <>
            <HostState host={data} pill />
            <span className="dl-wide-only">
              <Security host={data} />
            </span>
          </>
        )
      }
      actions={
        data !== undefined &&
        manage && (
          <div className="dl-actions">
            <button type="button" className="btn btn-secondary" aria-label="Test connection" onClick={() => setIntent({ kind: 'test', host: data })}>
              <PlugZap size={15} aria-hidden /> <span className="dl-wide-only">Test connection</span>
            </button>
            <button type="button" className="btn btn-secondary" aria-label="Edit" onClick={() => setIntent({ kind: 'edit', host: data })}>
              <Pencil size={15} aria-hidden /> <span className="dl-wide-only">Edit</span>
            </button>
            <HostMenu host={data} onIntent={setIntent} own />
          </div>
        )
      }
      fill
    >
      {host.isPending && <Skeleton rows={8} />}
      {host.isError && data === undefined && (
        <Missing what="host" icon={<Server size={20} />} back={{ label: 'Go to the hosts', to: '/hosts' }} error={host.error} onRetry={() => void host.refetch()} />
      )}
      {data !== undefined && <HostDetails host={data} />}
      <HostDialogs intent={intent} onClose={() => setIntent(null)} onRemoved={() => void navigate({ to: '/hosts' })} />
    </Page>
  )
}
