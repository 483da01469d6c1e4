import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Box, Boxes, HardDrive, Keyboard, Layers, Network, PackageOpen, Server, type LucideIcon } from 'lucide-react'
import { useCan } from '@/features/auth'
import { ContainerStatus, useContainers } from '@/features/containers'
import { hostsQuery, HostState } from '@/features/hosts'
import { imagesQuery } from '@/features/images'
import { networksQuery } from '@/features/networks'
import { stacksQuery, StackStatus } from '@/features/stacks'
import { volumesQuery, volumeTitle } from '@/features/volumes'
import { imageName } from '@/format/names'
import { Kbd } from '@/ui/Kbd'
import { PAGES } from '@/ui/pages'
import { COMMANDS } from './commands'
import { ContainerCommands } from './ContainerCommands'
import { near } from './near'
import { PLACEHOLDER } from './placeholder'

interface FinderProps {
  query: string
  onQuery: (query: string) => void
  onClose: () => void
  onKeys: () => void
}

/** Pages, containers and what can be done with them, found by what is typed. */
export default function Finder({ query, onQuery, onClose, onKeys }: FinderProps) {
  const navigate = useNavigate()
  const can = useCan()
  const containers = useContainers().data?.items ?? []
  const hosts = useQuery(hostsQuery).data?.items ?? []
  const sought = query !== ''
  const stacks = useQuery({ ...stacksQuery, enabled: sought && can('stacks.read') }).data?.items ?? []

  const run = (task: () => void) => () => {
    onClose()
    task()
  }

  return (
    <Command label="Find" loop>
      {/* It takes the place of the field that stood here until now. */}
      <Command.Input autoFocus placeholder={PLACEHOLDER} value={query} onValueChange={onQuery} />
      <Command.List label="Results">
        <Command.Empty>Nothing matches.</Command.Empty>
        <Command.Group heading="Pages">
          {PAGES.filter(({ permission }) => permission === null || can(permission)).map(({ to, label, key, icon: Icon }) => (
            <Command.Item key={to} value={`page ${label}`} onSelect={run(() => void navigate({ to }))}>
              <Icon size={15} aria-hidden /> {label} <Kbd keys={`g ${key}`} />
            </Command.Item>
          ))}
          <Command.Item value="page Keyboard shortcuts" onSelect={run(onKeys)}>
            <Keyboard size={15} aria-hidden /> Keyboard <Kbd keys="?" />
          </Command.Item>
        </Command.Group>
        <Command.Group heading="Containers">
          {containers.map((container) => (
            <Command.Item
              key={`${container.host} ${container.id}`}
              value={`open ${container.name} ${container.image} ${container.id}`}
              onSelect={run(() => void navigate({ to: '/hosts/$host/containers/$id/overview', params: { host: container.host, id: container.id } }))}
            >
              <Box size={15} aria-hidden />
              <span className="dl-ellipsis">{container.name}</span>
              <span className="dl-palette-side">
                <ContainerStatus container={container} />
                <span className="dl-faint">{container.host}</span>
              </span>
            </Command.Item>
          ))}
        </Command.Group>
        {sought && (
          <>
            <Command.Group heading="Commands">
              {COMMANDS.filter(({ permission }) => can(permission)).map(({ label, icon: Icon, to, search }) => (
                <Command.Item key={label} value={`do ${label}`} onSelect={run(() => void navigate({ to, search }))}>
                  <Icon size={15} aria-hidden /> {label}
                </Command.Item>
              ))}
            </Command.Group>
            <Command.Group heading="Stacks">
              {stacks.map((stack) => (
                <Command.Item
                  key={`${stack.host} ${stack.name}`}
                  value={`stack ${stack.name} ${stack.host}`}
                  onSelect={run(() => void navigate({ to: '/hosts/$host/stacks/$name/services', params: { host: stack.host, name: stack.name } }))}
                >
                  <Boxes size={15} aria-hidden />
                  <span className="dl-ellipsis">{stack.name}</span>
                  <span className="dl-palette-side">
                    <StackStatus stack={stack} />
                    <span className="dl-faint">{stack.host}</span>
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
            <Command.Group heading="Hosts">
              {hosts.map((host) => (
                <Command.Item
                  key={host.id}
                  value={`host ${host.id} ${host.address ?? ''}`}
                  onSelect={run(() => void navigate({ to: '/hosts/$host', params: { host: host.id } }))}
                >
                  <Server size={15} aria-hidden />
                  <span className="dl-ellipsis">{host.id}</span>
                  <span className="dl-palette-side">
                    <HostState host={host} />
                  </span>
                </Command.Item>
              ))}
            </Command.Group>
            <Resources run={run} />
            {can('system.prune') && (
              <Command.Group heading="Disks">
                {hosts.map(({ id }) => (
                  <Command.Item key={id} value={`Remove what is unused on ${id}`} onSelect={run(() => void navigate({ to: '/hosts/$host', params: { host: id }, search: { do: 'prune' } }))}>
                    <PackageOpen size={15} aria-hidden /> Remove what is unused on {id}…
                  </Command.Item>
                ))}
              </Command.Group>
            )}
            <ContainerCommands containers={near(containers, query)} run={run} />
          </>
        )}
      </Command.List>
    </Command>
  )
}

/** Images, volumes and networks; they are asked for only once something is typed. */
function Resources({ run }: { run: (task: () => void) => () => void }) {
  const can = useCan()
  const navigate = useNavigate()
  const images = useQuery({ ...imagesQuery, enabled: can('images.read') }).data?.items ?? []
  const volumes = useQuery({ ...volumesQuery, enabled: can('volumes.read') }).data?.items ?? []
  const networks = useQuery({ ...networksQuery, enabled: can('networks.read') }).data?.items ?? []
  return (
    <>
      <Command.Group heading="Images">
        {images
          .filter(({ tags }) => tags.length > 0)
          .map(({ host, id, tags }) => (
            <Resource
              key={`${host} ${id}`}
              icon={Layers}
              what="image"
              name={imageName(tags[0] ?? id)}
              more={tags.join(' ')}
              host={host}
              onSelect={run(() => void navigate({ to: '/hosts/$host/images/$id', params: { host, id } }))}
            />
          ))}
      </Command.Group>
      <Command.Group heading="Volumes">
        {volumes.map((volume) => (
          <Resource
            key={`${volume.host} ${volume.name}`}
            icon={HardDrive}
            what="volume"
            name={volumeTitle(volume)}
            more={volume.name}
            host={volume.host}
            onSelect={run(() => void navigate({ to: '/hosts/$host/volumes/$name', params: { host: volume.host, name: volume.name } }))}
          />
        ))}
      </Command.Group>
      <Command.Group heading="Networks">
        {networks.map(({ host, id, name }) => (
          <Resource
            key={`${host} ${id}`}
            icon={Network}
            what="network"
            name={name}
            more={id}
            host={host}
            onSelect={run(() => void navigate({ to: '/hosts/$host/networks/$id', params: { host, id } }))}
          />
        ))}
      </Command.Group>
    </>
  )
}

interface ResourceProps {
  icon: LucideIcon
  what: string
  name: string
  more: string
  host: string
  onSelect: () => void
}

function Resource({ icon: Icon, what, name, more, host, onSelect }: ResourceProps) {
  return (
    <Command.Item value={`${what} ${name} ${more} ${host}`} onSelect={onSelect}>
      <Icon size={15} aria-hidden />
      <span className="dl-ellipsis">{name}</span>
      <span className="dl-palette-side">
        <span className="dl-faint">{host}</span>
      </span>
    </Command.Item>
  )
}
