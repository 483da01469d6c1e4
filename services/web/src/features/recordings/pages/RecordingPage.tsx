import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Download, LockKeyhole, Trash2, Video } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useCan } from '@/features/auth'
import { bytes } from '@/format/numbers'
import { dateTime } from '@/format/time'
import { Banner } from '@/ui/Banner'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { Empty, Skeleton } from '@/ui/States'
import { downloadCast, recordingQuery, type Recording } from '../api/recordings'
import { Outcome } from '../components/RecordingTable'
import { RemoveRecordingDialog } from '../components/RemoveRecordingDialog'
import { commandOf } from '../model'
import '../recordings.scss'

const route = getRouteApi('/_app/admin/recordings/$id')

// The terminal that plays it is large, and loaded with the first one.
const PlayerView = lazy(() => import('../components/PlayerView'))

/** One recorded terminal, to be watched. */
export default function RecordingPage() {
  const { id } = route.useParams()
  const navigate = useNavigate()
  const manage = useCan()('recordings.manage')
  const recording = useQuery(recordingQuery(id))
  const [removing, setRemoving] = useState(false)
  const data = recording.data
  return (
    <Page
      title={data === undefined ? id.slice(0, 8) : `${data.user.name} in ${data.container_name}`}
      crumbs={[{ label: 'Recordings', to: '/admin/recordings' }]}
      status={data !== undefined && <Outcome recording={data} />}
      actions={
        data !== undefined && (
          <div className="dl-actions">
            <button type="button" className="btn btn-secondary" aria-label="Download" onClick={() => void downloadCast(data)}>
              <Download size={15} aria-hidden /> <span className="dl-wide-only">Download</span>
            </button>
            {manage && (
              <button type="button" className="btn btn-outline-danger" aria-label="Delete" disabled={data.state === 'recording'} onClick={() => setRemoving(true)}>
                <Trash2 size={15} aria-hidden /> <span className="dl-wide-only">Delete</span>
              </button>
            )}
          </div>
        )
      }
      fill
    >
      {recording.isPending && <Skeleton rows={8} />}
      {recording.isError && data === undefined && (
        <Missing what="recording" icon={<Video size={20} />} back={{ label: 'Go to the recordings', to: '/admin/recordings' }} error={recording.error} onRetry={() => void recording.refetch()} />
      )}
      {data !== undefined && (
        <>
          <Facts recording={data} />
          {data.state === 'recording' && <Banner tone="blue">It goes on. What has been recorded so far is shown; load the page again for what came since.</Banner>}
          {data.cut && <Banner tone="amber">The recording reached its size limit, and the program was ended.</Banner>}
          {data.state === 'unfinished' && <Banner tone="amber">The process of Dockline that recorded it died. What it had written by then is here.</Banner>}
          {data.readable ? (
            <Suspense fallback={<Skeleton rows={8} label="Reading the recording" />}>
              <PlayerView id={id} terminal={data.terminal} />
            </Suspense>
          ) : (
            <Empty icon={<LockKeyhole size={20} />}>It was sealed under another secret key than the one that this server has now, and cannot be read.</Empty>
          )}
        </>
      )}
      {data !== undefined && removing && <RemoveRecordingDialog recording={data} onClose={() => setRemoving(false)} onRemoved={() => void navigate({ to: '/admin/recordings' })} />}
    </Page>
  )
}

function Facts({ recording }: { recording: Recording }) {
  const { host, container, container_name, run_as, started_at, input } = recording
  return (
    <div className="dl-recording-facts dl-dim">
      <Link to="/hosts/$host/containers/$id/overview" params={{ host, id: container }}>
        {container_name}
      </Link>
      <span>{host}</span>
      <span className="dl-mono dl-ellipsis">{commandOf(recording)}</span>
      {run_as != null && <span>as {run_as}</span>}
      <span>{dateTime(started_at)}</span>
      <span>{bytes(recording.bytes)}</span>
      {input && <span>with what was typed</span>}
    </div>
  )
}
