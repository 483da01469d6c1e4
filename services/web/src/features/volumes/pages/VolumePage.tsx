import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { HardDrive, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { bytes } from '@/format/numbers'
import { Ago } from '@/ui/Ago'
import { Banner } from '@/ui/Banner'
import { Fact, Facts } from '@/ui/Facts'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { PlainTable } from '@/ui/PlainTable'
import { Skeleton } from '@/ui/States'
import { UsedByList } from '@/ui/UsedByList'
import { sizesQuery, volumeQuery, type VolumeDetails } from '../api/volumes'
import { RemoveVolumeDialog } from '../components/VolumeDialogs'
import { keyOf, titleOf } from '../model'

const route = getRouteApi('/_app/hosts/$host/volumes/$name')

/** One volume: where it is, what it reaches, who uses it. */
export default function VolumePage() {
  const { host, name } = route.useParams()
  const navigate = useNavigate()
  const manage = useCan()('volumes.manage')
  const volume = useQuery(volumeQuery({ host, name }))
  const [removing, setRemoving] = useState(false)
  const data = volume.data
  return (
    <Page
      title={data === undefined ? name : titleOf(data)}
      crumbs={[{ label: 'Volumes', to: '/volumes' }, { label: host, to: `/hosts/${host}` }]}
      actions={
        data !== undefined &&
        manage && (
          <button type="button" className="btn btn-outline-danger" disabled={data.containers.length > 0} onClick={() => setRemoving(true)}>
            <Trash2 size={15} aria-hidden /> Remove
          </button>
        )
      }
      fill
    >
      {volume.isPending && <Skeleton rows={8} />}
      {volume.isError && data === undefined && (
        <Missing what="volume" icon={<HardDrive size={20} />} back={{ label: 'Go to the volumes', to: '/volumes' }} error={volume.error} onRetry={() => void volume.refetch()} />
      )}
      {data !== undefined && <Details volume={data} />}
      {data !== undefined && removing && (
        <RemoveVolumeDialog volume={data} onClose={() => setRemoving(false)} onRemoved={() => void navigate({ to: '/volumes' })} />
      )}
    </Page>
  )
}

function Details({ volume }: { volume: VolumeDetails }) {
  const size = useQuery(sizesQuery).data?.sizes.get(keyOf(volume))
  return (
    <div className="dl-scroll dl-padded dl-stack">
      {volume.reaches != null && <Banner tone="amber">A container with this volume reaches its host: {volume.reaches}.</Banner>}
      <div className="dl-columns">
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
            <Fact name="Compose project">{volume.stack}</Fact>
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
