import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { PackageOpen } from 'lucide-react'
import { messageOf } from '@/api/errors'
import { useCan } from '@/features/auth'
import { bytes, count } from '@/format/numbers'
import { Facts } from '@/ui/Facts'
import { Skeleton } from '@/ui/States'
import { diskQuery, type DiskUsage } from '../api/system'
import { PruneSystemDialog } from './PruneSystemDialog'
import '../system.scss'

const route = getRouteApi('/_app/hosts/$host')

const CLASSES = [
  { key: 'images', label: 'Images' },
  { key: 'containers', label: 'Containers' },
  { key: 'volumes', label: 'Volumes' },
  { key: 'build_cache', label: 'Build cache' },
] as const

/** What takes a host's disk, and what could be free again. */
export function DiskUsageCard({ host }: { host: string }) {
  const can = useCan()
  const usage = useQuery({ ...diskQuery(host), enabled: can('system.read') })
  const pruning = route.useSearch().do === 'prune'
  const navigate = route.useNavigate()
  const setPruning = (on: boolean) => void navigate({ search: { do: on ? 'prune' : undefined }, replace: true })
  if (!can('system.read')) return null
  return (
    <Facts
      title="Disk"
      extra={
        can('system.prune') && (
          <button type="button" className="btn btn-outline-danger btn-sm" onClick={() => setPruning(true)}>
            <PackageOpen size={14} aria-hidden /> Remove unused…
          </button>
        )
      }
    >
      {usage.isPending && <Skeleton rows={4} label="Measuring" />}
      {usage.isError && usage.data === undefined && <p className="dl-dim">It could not be measured: {messageOf(usage.error)}</p>}
      {usage.data !== undefined && <Usage usage={usage.data} />}
      {pruning && can('system.prune') && <PruneSystemDialog host={host} onClose={() => setPruning(false)} />}
    </Facts>
  )
}

function Usage({ usage }: { usage: DiskUsage }) {
  const total = Math.max(1, usage.total_bytes)
  return (
    <>
      <p className="dl-disk-total">
        <strong>{bytes(usage.total_bytes)}</strong> <span className="dl-dim">of which {bytes(usage.reclaimable_bytes)} are not in use</span>
      </p>
      <div className="dl-disk-bar" aria-hidden>
        {CLASSES.map(({ key }) => (
          <span key={key} data-class={key} style={{ width: `${(usage[key].size_bytes / total) * 100}%` }} />
        ))}
      </div>
      <div className="dl-scroll-x" tabIndex={0} role="group" aria-label="Disk use by kind">
        <table className="table dl-table dl-table-plain dl-disk">
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Size</th>
              <th scope="col">Not in use</th>
              <th scope="col">In use</th>
            </tr>
          </thead>
          <tbody>
            {CLASSES.map(({ key, label }) => (
              <tr key={key} data-disk={key}>
                <td>
                  <span className="dl-inline">
                    <span className="dl-disk-key" data-class={key} aria-hidden /> {label}
                  </span>
                </td>
                <td>{bytes(usage[key].size_bytes)}</td>
                <td>{bytes(usage[key].reclaimable_bytes)}</td>
                <td>
                  {count(usage[key].in_use)} of {count(usage[key].count)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
