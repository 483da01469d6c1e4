import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { Box, Keyboard, Play, Plus, RotateCw, ScrollText, Server, Square, SquareTerminal } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useCan } from '@/features/auth'
import { accepts, ContainerStatus, useContainers, useOperate, type Action, type Container } from '@/features/containers'
import { hostsQuery, HostState } from '@/features/hosts'
import { Kbd } from '@/ui/Kbd'
import { PAGES } from '@/ui/pages'
import './palette.scss'

const ACTIONS = [
  { action: 'start', label: 'Start', icon: Play },
  { action: 'stop', label: 'Stop', icon: Square },
  { action: 'restart', label: 'Restart', icon: RotateCw },
] as const

interface PaletteProps {
  onClose: () => void
  onKeys: () => void
}

/** Finds pages, containers and what can be done with them, by typing. */
export default function Palette({ onClose, onKeys }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [query, setQuery] = useState('')
  const navigate = useNavigate()
  const can = useCan()
  const operate = useOperate()
  const containers = useContainers().data?.items ?? []
  const hosts = useQuery(hostsQuery).data?.items ?? []

  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    element?.querySelector('input')?.focus()
    return () => element?.close()
  }, [])

  const run = (task: () => void) => () => {
    onClose()
    task()
  }

  return (
    <dialog
      ref={dialog}
      className="dl-palette"
      aria-label="Find"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <Command label="Find" loop>
        <Command.Input placeholder="Find a page, a container or an action" value={query} onValueChange={setQuery} />
        <Command.List label="Results">
          <Command.Empty>Nothing matches.</Command.Empty>
          <Command.Group heading="Pages">
            {PAGES.filter(({ permission }) => permission === null || can(permission)).map(({ to, label, key, icon: Icon }) => (
              <Command.Item key={to} value={`page ${label}`} onSelect={run(() => void navigate({ to }))}>
                <Icon size={15} aria-hidden /> {label} <Kbd keys={`g ${key}`} />
              </Command.Item>
            ))}
            {can('containers.create') && (
              <Command.Item value="page Create a container" onSelect={run(() => void navigate({ to: '/containers/new' }))}>
                <Plus size={15} aria-hidden /> Create a container
              </Command.Item>
            )}
            <Command.Item value="page Keyboard shortcuts" onSelect={run(onKeys)}>
              <Keyboard size={15} aria-hidden /> Keyboard <Kbd keys="?" />
            </Command.Item>
          </Command.Group>
          <Command.Group heading="Containers">
            {containers.map((container) => (
              <Target key={`${container.host} ${container.id}`} container={container} verb="open" label={container.name}
                onSelect={run(() => void navigate({ to: '/hosts/$host/containers/$id/overview', params: { host: container.host, id: container.id } }))}
              />
            ))}
          </Command.Group>
          {query !== '' && (
            <>
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
              <Command.Group heading="Logs">
                {containers.map((container) => (
                  <Target key={`${container.host} ${container.id}`} container={container} verb="logs of" label={`Logs of ${container.name}`}
                    onSelect={run(() => void navigate({ to: '/hosts/$host/containers/$id/logs', params: { host: container.host, id: container.id } }))}
                  />
                ))}
              </Command.Group>
              {can('containers.exec') && (
                <Command.Group heading="Terminals">
                  {containers
                    .filter(({ state }) => state === 'running')
                    .map((container) => (
                      <Target key={`${container.host} ${container.id}`} container={container} verb="terminal in" label={`Terminal in ${container.name}`}
                        onSelect={run(() => void navigate({ to: '/hosts/$host/containers/$id/terminal', params: { host: container.host, id: container.id } }))}
                      />
                    ))}
                </Command.Group>
              )}
              {can('containers.operate') && (
                <Command.Group heading="Actions">
                  {containers.flatMap((container) => actionsOf(container, run, operate))}
                </Command.Group>
              )}
            </>
          )}
        </Command.List>
      </Command>
    </dialog>
  )
}

function actionsOf(
  container: Container,
  run: (task: () => void) => () => void,
  operate: (container: Container, action: Action) => void,
) {
  return ACTIONS.filter(({ action }) => accepts(container.state, action)).map(({ action, label, icon: Icon }) => (
    <Command.Item
      key={`${action} ${container.host} ${container.id}`}
      value={`${label} ${container.name} ${container.id}`}
      onSelect={run(() => operate(container, action))}
    >
      <Icon size={15} aria-hidden /> {label} {container.name}
    </Command.Item>
  ))
}

interface TargetProps {
  container: Container
  verb: keyof typeof VERBS
  label: string
  onSelect: () => void
}

const VERBS = { open: Box, 'logs of': ScrollText, 'terminal in': SquareTerminal }

function Target({ container, verb, label, onSelect }: TargetProps) {
  const Icon = VERBS[verb]
  return (
    <Command.Item value={`${verb} ${container.name} ${container.image} ${container.id}`} onSelect={onSelect}>
      <Icon size={15} aria-hidden />
      <span className="dl-ellipsis">{label}</span>
      <span className="dl-palette-side">
        <ContainerStatus container={container} />
        <span className="dl-faint">{container.host}</span>
      </span>
    </Command.Item>
  )
}
