import { Link } from '@tanstack/react-router'
import { bytes, count, milliseconds } from '@/format/numbers'
import { SortHeader } from '@/ui/SortHeader'
import type { Host } from '../api/contract'
import { conditionOf, TONES, trouble, type SortKey } from '../model'
import { HostMenu, type Intent } from './HostMenu'
import { HostState } from './HostState'
import { Labels } from './Labels'
import { Security } from './Security'

interface HostTableProps {
  hosts: Host[]
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
  label: string | undefined
  onLabel: (label: string) => void
  onIntent: (intent: Intent) => void
}

/** Every host in two lines: what it is and how it is reached, and what its engine tells or why it does not. */
export function HostTable({ hosts, sort, descending, onSort, label, onLabel, onIntent }: HostTableProps) {
  const header = { sort, descending, onSort }
  return (
    <table className="table dl-table dl-cards dl-hosts-table" aria-label="Hosts">
      <thead>
        <tr>
          <SortHeader name="state" className="dl-col-state" {...header}>
            State
          </SortHeader>
          <SortHeader name="id" className="dl-col-host-id" {...header}>
            Host
          </SortHeader>
          <th scope="col">Labels</th>
          <SortHeader name="engine" className="dl-col-engine" {...header}>
            Engine
          </SortHeader>
          <SortHeader name="system" className="dl-col-system" {...header}>
            System
          </SortHeader>
          <SortHeader name="cpus" className="dl-number dl-col-cpus" {...header}>
            CPUs
          </SortHeader>
          <SortHeader name="memory" className="dl-number dl-col-memory" {...header}>
            Memory
          </SortHeader>
          <SortHeader name="images" className="dl-number dl-col-images" {...header}>
            Images
          </SortHeader>
          <SortHeader name="latency" className="dl-number dl-col-latency" {...header}>
            Latency
          </SortHeader>
          <th scope="col" className="dl-col-menu">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {hosts.map((host) => (
          <tr key={host.id} data-host={host.id} data-condition={conditionOf(host)}>
            <td className="dl-col-state">
              <HostState host={host} />
            </td>
            <td className="dl-card-title">
              <div className="dl-name">
                <Link to="/hosts/$host" params={{ host: host.id }} className="dl-strong dl-ellipsis" data-row title={host.id}>
                  {host.id}
                </Link>
                {host.origin === 'settings' && (
                  <span className="dl-tag" title="From this installation’s settings">
                    settings
                  </span>
                )}
              </div>
              <div className="dl-name dl-under">
                <span className="dl-mono dl-dim dl-ellipsis" title={host.address ?? undefined}>
                  {host.address}
                </span>
                <Security host={host} />
              </div>
            </td>
            <td className={Object.keys(host.labels).length === 0 ? 'dl-card-none' : 'dl-card-labels'}>
              <Labels labels={host.labels} atMost={3} onLabel={onLabel} chosen={label} />
            </td>
            {host.state === 'online' ? <Engine host={host} /> : <Trouble host={host} />}
            <td className="dl-col-menu">
              <HostMenu host={host} onIntent={onIntent} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Engine({ host }: { host: Host }) {
  return (
    <>
      <td data-label="Engine" className="dl-card-half">
        <div className="dl-ellipsis" title={host.engine_version ?? undefined}>
          {host.engine_version ?? '–'}
        </div>
        <div className="dl-under dl-dim">API {host.api_version ?? '–'}</div>
      </td>
      <td data-label="System" className="dl-dim dl-two-lines dl-card-half" title={host.operating_system ?? undefined}>
        {host.operating_system ?? '–'}
      </td>
      <td data-label="CPUs" className="dl-number">
        {host.cpus ?? '–'}
      </td>
      <td data-label="Memory" className="dl-number">
        {host.memory_bytes == null ? '–' : bytes(host.memory_bytes)}
      </td>
      <td data-label="Images" className="dl-number">
        {host.images == null ? '–' : count(host.images)}
      </td>
      <td data-label="Latency" className="dl-number">
        <span className={conditionOf(host) === 'slow' ? 'dl-tone-amber dl-tone-text' : undefined}>
          {host.latency_ms == null ? '–' : milliseconds(host.latency_ms)}
        </span>
      </td>
    </>
  )
}

/** In the place of what an engine would tell: why it does not. */
function Trouble({ host }: { host: Host }) {
  const text = trouble(host) ?? ''
  return (
    <td colSpan={6} className="dl-trouble dl-two-lines" title={text}>
      <span className={`dl-tone-text dl-tone-${TONES[conditionOf(host)]}`}>{text}</span>
    </td>
  )
}
