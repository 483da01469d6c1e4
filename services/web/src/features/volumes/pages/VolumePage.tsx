import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Archive, Download, HardDrive, MoreHorizontal, Trash2, Upload } from 'lucide-react'
import { useState } from 'react'
import { useCan, type Permission } from '@/features/auth'
import { FileBrowser } from '@/features/files'
import { watchJob } from '@/features/jobs'
import { bytes } from '@/format/numbers'
import { Ago } from '@/ui/Ago'
import { Banner } from '@/ui/Banner'
import { Fact, Facts } from '@/ui/Facts'
import { failureToast } from '@/ui/failureToast'
import { Menu, type MenuItem } from '@/ui/Menu'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { PlainTable } from '@/ui/PlainTable'
import { StackLink } from '@/ui/StackLink'
import { Skeleton, Spinner } from '@/ui/States'
import { UsedByList } from '@/ui/UsedByList'
import { downloadVolume, useBackUp } from '../api/backups'
import { sizesQuery, volumeQuery, type VolumeDetails } from '../api/volumes'
import { Backups } from '../components/Backups'
import { RestoreUploadDialog } from '../components/RestoreDialogs'
import { RemoveVolumeDialog } from '../components/VolumeDialogs'
import { keyOf, titleOf } from '../model'

const route = getRouteApi('/_app/hosts/$host/volumes/$name')

const TABS: { name: 'overview' | 'files' | 'backups'; label: string; permission: Permission }[] = [
  { name: 'overview', label: 'Overview', permission: 'volumes.read' },
  { name: 'files', label: 'Files', permission: 'files.read' },
  { name: 'backups', label: 'Backups', permission: 'volumes.read' },
]

/** One volume: where it is, what it reaches, who uses it, what is in it, and its backups. */
export default function VolumePage() {
  const { host, name } = route.useParams()
  const search = route.useSearch()
  const can = useCan()
  const volume = useQuery(volumeQuery({ host, name }))
  const data = volume.data
  const tabs = TABS.filter(({ permission }) => can(permission))
  const tab = tabs.find((one) => one.name === search.tab)?.name ?? 'overview'
  return (
    <Page
      title={data === undefined ? name : titleOf(data)}
      crumbs={[{ label: 'Volumes', to: '/volumes' }, { label: host, to: `/hosts/${host}` }]}
      actions={data !== undefined && <Actions volume={data} />}
      tabs={
        <nav className="dl-tabs" aria-label={`Pages of ${name}`}>
          {tabs.map((one) => (
            <Link
              key={one.name}
              to="/hosts/$host/volumes/$name"
              params={{ host, name }}
              search={{ tab: one.name === 'overview' ? undefined : one.name }}
              className={one.name === tab ? 'active' : undefined}
              aria-current={one.name === tab ? 'page' : undefined}
              activeProps={NO_PROPS}
            >
              {one.label}
            </Link>
          ))}
        </nav>
      }
      fill
    >
      {volume.isPending && <Skeleton rows={8} />}
      {volume.isError && data === undefined && tab !== 'backups' && (
        <Missing what="volume" icon={<HardDrive size={20} />} back={{ label: 'Go to the volumes', to: '/volumes' }} error={volume.error} onRetry={() => void volume.refetch()} />
      )}
      {data !== undefined && tab === 'overview' && <Details volume={data} />}
      {data !== undefined && tab === 'files' && <Files host={host} name={name} />}
      {/* Also of a volume that is gone. */}
      {tab === 'backups' && <Backups of={{ host, volume: name }} action={data !== undefined && can('volumes.manage') && <BackUp volume={data} />} />}
    </Page>
  )
}

/** The router's own mark of what is shown looks at the address without the tab. */
const NO_PROPS = {}

function Files({ host, name }: { host: string; name: string }) {
  const { path = '/' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <FileBrowser
      of={{ kind: 'volume', host, name }}
      path={path}
      onPath={(next) => void navigate({ search: { tab: 'files', path: next === '/' ? undefined : next } })}
      write={false}
      unremovable={null}
    />
  )
}

/** Begins a backup; how far it is shows in the corner of the page. */
function BackUp({ volume }: { volume: VolumeDetails }) {
  const backUp = useBackUp({
    onSuccess: ({ job }) => watchJob(job.id),
    onError: (error) => failureToast(`Could not back up ${titleOf(volume)}`, error),
  })
  return (
    <button type="button" className="btn btn-primary" disabled={backUp.isPending} onClick={() => backUp.mutate(volume)}>
      {backUp.isPending ? <Spinner label="Beginning" /> : <Archive size={15} aria-hidden />} Back up
    </button>
  )
}

function Actions({ volume }: { volume: VolumeDetails }) {
  const can = useCan()
  const navigate = useNavigate()
  const [intent, setIntent] = useState<'restore' | 'remove' | null>(null)
  const close = () => setIntent(null)
  const items: (MenuItem | 'separator')[] = []
  if (can('files.read')) items.push({ label: 'Download as tar', icon: <Download size={15} aria-hidden />, onSelect: () => void downloadVolume(volume) })
  if (can('files.write')) items.push({ label: 'Restore a tar…', icon: <Upload size={15} aria-hidden />, onSelect: () => setIntent('restore') })
  if (can('volumes.manage')) {
    items.push('separator', {
      label: volume.containers.length > 0 ? 'Remove: it is in use' : 'Remove…',
      icon: <Trash2 size={15} aria-hidden />,
      danger: true,
      disabled: volume.containers.length > 0,
      onSelect: () => setIntent('remove'),
    })
  }
  return (
    <div className="dl-actions">
      {can('volumes.manage') && <BackUp volume={volume} />}
      {items.length > 0 && (
        <Menu label={`More actions for ${titleOf(volume)}`} trigger={<MoreHorizontal size={16} aria-hidden />} triggerClass="btn btn-secondary btn-icon" items={items} />
      )}
      {intent === 'restore' && <RestoreUploadDialog volume={volume} onClose={close} />}
      {intent === 'remove' && <RemoveVolumeDialog volume={volume} onClose={close} onRemoved={() => void navigate({ to: '/volumes' })} />}
    </div>
  )
}

function Details({ volume }: { volume: VolumeDetails }) {
  const size = useQuery(sizesQuery).data?.sizes.get(keyOf(volume))
  return (
    <div className="dl-scroll dl-padded dl-stack">
      {volume.reaches != null && <Banner tone="amber">A container with this volume reaches its host: {volume.reaches}.</Banner>}
      <div className="dl-columns dl-columns-packed">
        <Facts title="Volume">
          <dl className="dl-facts">
            <Fact name="Name" mono>
              {volume.name}
            </Fact>
            <Fact name="Driver">{volume.driver}</Fact>
            <Fact name="Scope">{volume.scope}</Fact>
            <Fact name="Size">{size == null ? null : bytes(size)}</Fact>
            <Fact name="Created">{volume.created_at == null ? null : <Ago at={volume.created_at} />}</Fact>
            <Fact name="On the host" mono>
              {volume.mountpoint}
            </Fact>
            <Fact name="Stack">
              <StackLink host={volume.host} stack={volume.stack} />
            </Fact>
          </dl>
        </Facts>
        <UsedByList host={volume.host} containers={volume.containers} />
        <Facts title="Labels">
          <PlainTable head={['Name', 'Value']} rows={Object.entries(volume.labels)} none={volume.secrets_hidden ? 'Your role does not show labels.' : 'It has no labels.'} />
        </Facts>
        <Facts title="Options">
          <PlainTable head={['Name', 'Value']} rows={Object.entries(volume.options)} none={volume.secrets_hidden ? 'Your role does not show options.' : 'It has no options.'} />
        </Facts>
      </div>
    </div>
  )
}
