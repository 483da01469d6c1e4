import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Boxes } from 'lucide-react'
import { ContainerActions, ContainerStatus, useContainers, type Container } from '@/features/containers'
import { imageName } from '@/format/names'
import { Ago } from '@/ui/Ago'
import { Fact, Facts } from '@/ui/Facts'
import { Empty } from '@/ui/States'
import { stackQuery, type StackDetails } from '../api/stacks'
import { byService, type ServiceRow } from '../services'

const route = getRouteApi('/_app/hosts/$host/stacks/$name')

/** What a stack consists of. */
export default function ServicesTab() {
  const { host, name } = route.useParams()
  const stack = useQuery(stackQuery({ host, name })).data
  const known = useContainers().data?.items ?? []
  if (stack === undefined) return null
  const rows = byService(stack)
  const containerOf = (id: string | undefined) => known.find((container) => container.host === host && container.id === id)
  return (
    <div className="dl-scroll dl-padded dl-stack">
      <section className="dl-panel" aria-label="Services">
        {rows.length === 0 ? (
          <Empty icon={<Boxes size={20} />}>It has no containers. Deploy its file to have some.</Empty>
        ) : (
          <ServiceTable rows={rows} host={host} containerOf={containerOf} />
        )}
      </section>
      <div className="dl-columns">
        <Origin stack={stack} />
        <Facts title="Networks">
          <ul className="dl-list dl-names">
            {stack.networks.map((network) => (
              <li key={network.id}>
                <Link to="/hosts/$host/networks/$id" params={{ host, id: network.id }}>
                  {network.name}
                </Link>
                <span className="dl-dim">{network.driver}</span>
              </li>
            ))}
          </ul>
          {stack.networks.length === 0 && <p className="dl-dim">It has no networks of its own.</p>}
        </Facts>
        <Facts title="Volumes">
          <ul className="dl-list dl-names">
            {stack.volumes.map((volume) => (
              <li key={volume.name}>
                <Link to="/hosts/$host/volumes/$name" params={{ host, name: volume.name }}>
                  {volume.name}
                </Link>
                <span className="dl-dim">{volume.driver}</span>
              </li>
            ))}
          </ul>
          {stack.volumes.length === 0 && <p className="dl-dim">It has no volumes of its own.</p>}
        </Facts>
      </div>
    </div>
  )
}

interface ServiceTableProps {
  rows: readonly ServiceRow[]
  host: string
  containerOf: (id: string | undefined) => Container | undefined
}

function ServiceTable({ rows, host, containerOf }: ServiceTableProps) {
  return (
    <div className="dl-scroll-x" tabIndex={0} role="group" aria-label="Services with their containers">
      <table className="table dl-table dl-cards" aria-label="Services">
        <thead>
          <tr>
            <th scope="col" className="dl-col-state">
              State
            </th>
            <th scope="col" className="dl-col-action">
              Service
            </th>
            <th scope="col" className="dl-col-name">
              Container
            </th>
            <th scope="col">Image</th>
            <th scope="col" className="dl-col-status">
              Status
            </th>
            <th scope="col" className="dl-col-actions">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ service, container }) => {
            const known = containerOf(container?.id)
            return (
              <tr key={`${service} ${container?.id ?? ''}`} data-service={service}>
                <td className="dl-col-state">{known === undefined ? <span className="dl-faint">{container?.state ?? 'no container'}</span> : <ContainerStatus container={known} />}</td>
                <td className="dl-strong dl-ellipsis" data-label="Service">
                  {service}
                </td>
                <td className="dl-card-title">
                  {container !== undefined && (
                    <Link to="/hosts/$host/containers/$id/overview" params={{ host, id: container.id }} className="dl-ellipsis" data-row>
                      {container.name}
                    </Link>
                  )}
                </td>
                <td className="dl-mono dl-dim dl-ellipsis" data-label="Image" title={container?.image}>
                  {container === undefined ? '–' : imageName(container.image)}
                </td>
                <td className="dl-dim dl-ellipsis" data-label="Status">
                  {container?.status ?? '–'}
                </td>
                <td className="dl-col-actions">{known !== undefined && <ContainerActions container={known} place="row" />}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

function Origin({ stack }: { stack: StackDetails }) {
  return (
    <Facts title="Origin">
      <dl className="dl-facts">
        <Fact name="Made by">{stack.managed ? 'Dockline' : 'something else, with Compose'}</Fact>
        {stack.managed && <Fact name="Newest file">{stack.revision == null ? null : `revision ${stack.revision}`}</Fact>}
        {stack.managed && <Fact name="Deployed">{stack.deployed_revision == null ? 'never' : `revision ${stack.deployed_revision}`}</Fact>}
        {stack.updated_at != null && (
          <Fact name="Changed">
            <Ago at={stack.updated_at} />
          </Fact>
        )}
        <Fact name="Compose">{stack.origin.version}</Fact>
        <Fact name="Folder" mono>
          {stack.origin.working_dir}
        </Fact>
        <Fact name="Files" mono>
          {stack.origin.config_files.join(', ')}
        </Fact>
      </dl>
    </Facts>
  )
}
