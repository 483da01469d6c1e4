import { getRouteApi } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { hostsQuery } from '@/features/hosts'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Select } from '@/ui/Segmented'
import { Backups } from '../components/Backups'

const route = getRouteApi('/_app/volumes/backups')

/** The backups of all volumes, also of those that are gone. */
export default function BackupsPage() {
  const { host, volume } = route.useSearch()
  const navigate = route.useNavigate()
  const hosts = useQuery(hostsQuery).data?.items ?? []
  const set = (change: { host?: string; volume?: string }) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  return (
    <Page title="Backups" crumbs={[{ label: 'Volumes', to: '/volumes' }]} fill>
      <div className="dl-toolbar">
        <Search label="Volume" placeholder="A volume’s whole name" value={volume ?? ''} onValue={(value) => set({ volume: value })} />
        {(hosts.length > 1 || host !== undefined) && (
          <Select label="Host" value={host ?? ''} options={[{ value: '', label: 'All hosts' }, ...hosts.map(({ id }) => ({ value: id, label: id }))]} onValue={(value) => set({ host: value })} />
        )}
      </div>
      <Backups of={{ host, volume }} />
    </Page>
  )
}
