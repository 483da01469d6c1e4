import { Link } from '@tanstack/react-router'
import { useRef } from 'react'
import { useWindowedRows } from '@/ui/windowed'
import { SortHeader } from '@/ui/SortHeader'
import { imageWithoutRegistry, shortId } from '@/format/names'
import { portTexts, type Container, type SortKey } from '../model'
import { ContainerActions } from './ContainerActions'
import { ContainerStatus } from './ContainerStatus'

interface ContainerTableProps {
  containers: Container[]
  sort: SortKey
  descending: boolean
  onSort: (key: SortKey) => void
}

/** The dense list; only the rows in view are on the page when there are many. */
export function ContainerTable({ containers, sort, descending, onSort }: ContainerTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const { start, end, before, after } = useWindowedRows(scroller, containers.length)
  const header = { sort, descending, onSort }
  return (
    <div className="dl-table-scroll" ref={scroller}>
      <table className="table dl-table dl-cards" aria-label="Containers" aria-rowcount={containers.length + 1}>
        <thead>
          <tr>
            <SortHeader name="state" className="dl-col-state" {...header}>
              State
            </SortHeader>
            <SortHeader name="name" className="dl-col-name" {...header}>
              Name
            </SortHeader>
            <SortHeader name="image" {...header}>
              Image
            </SortHeader>
            <SortHeader name="host" className="dl-col-host" {...header}>
              Host
            </SortHeader>
            <th scope="col" className="dl-col-ports">
              Ports
            </th>
            <SortHeader name="created" className="dl-col-status" {...header}>
              Status
            </SortHeader>
            <th scope="col" className="dl-col-actions">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {containers.slice(start, end).map((container) => (
            <Row key={`${container.host} ${container.id}`} container={container} />
          ))}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
    </div>
  )
}

function Row({ container }: { container: Container }) {
  const params = { host: container.host, id: container.id }
  const ports = portTexts(container)
  return (
    <tr data-container={container.id}>
      <td className="dl-col-state">
        <ContainerStatus container={container} />
      </td>
      <td className="dl-card-title">
        <div className="dl-name">
          <Link to="/hosts/$host/containers/$id/overview" params={params} className="dl-strong dl-ellipsis" data-row title={container.name}>
            {container.name}
          </Link>
          {container.stack !== undefined && container.stack !== null && (
            <span className="dl-tag" title={`Compose project ${container.stack}`}>
              {container.stack}
            </span>
          )}
        </div>
      </td>
      <td className="dl-mono dl-dim dl-ellipsis" title={container.image} data-label="Image">
        {imageWithoutRegistry(container.image)}
      </td>
      <td className="dl-dim dl-col-host" data-label="Host">
        {container.host}
      </td>
      <td className="dl-mono dl-dim dl-ellipsis" title={ports.join(', ')} data-label="Ports">
        {ports.length === 0 ? <span className="dl-faint">–</span> : ports[0]}
        {ports.length > 1 && <span className="dl-faint"> +{ports.length - 1}</span>}
      </td>
      <td className="dl-dim dl-ellipsis dl-col-status" title={`${container.status} · ${shortId(container.id)}`} data-label="Status">
        {container.status}
      </td>
      <td className="dl-col-actions">
        <ContainerActions container={container} place="row" />
      </td>
    </tr>
  )
}
