import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import {
  Activity,
  Camera,
  ChartLine,
  CirclePause,
  CirclePlay,
  FileDiff,
  FolderOpen,
  Gauge,
  ListTree,
  OctagonX,
  Pencil,
  Play,
  RefreshCw,
  RotateCw,
  ScrollText,
  SearchCode,
  Square,
  SquareTerminal,
  Trash2,
  type LucideIcon,
} from 'lucide-react'
import { useCan, type Permission } from '@/features/auth'
import { accepts, ContainerStatus, openDialog, useOperate, type Action, type Container, type DialogKind } from '@/features/containers'

const TABS: readonly { tab: 'logs' | 'stats' | 'terminal' | 'files' | 'processes' | 'changes' | 'inspect' | 'events'; label: string; icon: LucideIcon; permission: Permission; running?: true }[] = [
  { tab: 'logs', label: 'Logs of', icon: ScrollText, permission: 'logs.read' },
  { tab: 'terminal', label: 'Terminal in', icon: SquareTerminal, permission: 'containers.exec', running: true },
  { tab: 'files', label: 'Files of', icon: FolderOpen, permission: 'files.read' },
  { tab: 'stats', label: 'Stats of', icon: ChartLine, permission: 'stats.read' },
  { tab: 'processes', label: 'Processes of', icon: ListTree, permission: 'containers.read', running: true },
  { tab: 'changes', label: 'Changed files of', icon: FileDiff, permission: 'containers.read' },
  { tab: 'inspect', label: 'Inspect', icon: SearchCode, permission: 'containers.read' },
  { tab: 'events', label: 'Events of', icon: Activity, permission: 'events.read' },
]

const ACTIONS: readonly { action: Action; label: string; icon: LucideIcon }[] = [
  { action: 'start', label: 'Start', icon: Play },
  { action: 'stop', label: 'Stop', icon: Square },
  { action: 'restart', label: 'Restart', icon: RotateCw },
  { action: 'pause', label: 'Pause', icon: CirclePause },
  { action: 'unpause', label: 'Resume', icon: CirclePlay },
]

const DIALOGS: readonly { kind: DialogKind; label: string; icon: LucideIcon; permission: Permission; if?: Action }[] = [
  { kind: 'kill', label: 'Kill', icon: OctagonX, permission: 'containers.operate', if: 'kill' },
  { kind: 'rename', label: 'Rename', icon: Pencil, permission: 'containers.operate' },
  { kind: 'recreate', label: 'Recreate', icon: RefreshCw, permission: 'containers.create' },
  { kind: 'limits', label: 'Limits of', icon: Gauge, permission: 'containers.create' },
  { kind: 'commit', label: 'Commit', icon: Camera, permission: 'containers.create' },
  { kind: 'remove', label: 'Remove', icon: Trash2, permission: 'containers.remove' },
]

interface ContainerCommandsProps {
  containers: readonly Container[]
  run: (task: () => void) => () => void
}

/** Where one can go in a container, and what can be done to it. */
export function ContainerCommands({ containers, run }: ContainerCommandsProps) {
  const can = useCan()
  const navigate = useNavigate()
  const operate = useOperate()
  const tabs = TABS.filter(({ permission }) => can(permission))
  const dialogs = DIALOGS.filter(({ permission }) => can(permission))
  return (
    <>
      <Command.Group heading="In containers">
        {containers.flatMap((container) =>
          tabs
            .filter(({ running }) => running !== true || container.state === 'running')
            .map(({ tab, label, icon }) => (
              <Item
                key={`${tab} ${container.host} ${container.id}`}
                container={container}
                label={label}
                icon={icon}
                status
                onSelect={run(() => void navigate({ to: `/hosts/$host/containers/$id/${tab}`, params: { host: container.host, id: container.id } }))}
              />
            )),
        )}
      </Command.Group>
      <Command.Group heading="Actions">
        {containers.flatMap((container) => [
          ...(can('containers.operate') ? ACTIONS : [])
            .filter(({ action }) => accepts(container.state, action))
            .map(({ action, label, icon }) => (
              <Item key={`${action} ${container.host} ${container.id}`} container={container} label={label} icon={icon} onSelect={run(() => operate(container, action))} />
            )),
          ...dialogs
            .filter((dialog) => dialog.if === undefined || accepts(container.state, dialog.if))
            .map(({ kind, label, icon }) => (
              <Item key={`${kind} ${container.host} ${container.id}`} container={container} label={label} icon={icon} asks onSelect={run(() => openDialog({ kind, container }))} />
            )),
        ])}
      </Command.Group>
    </>
  )
}

interface ItemProps {
  container: Container
  label: string
  icon: LucideIcon
  status?: boolean
  /** It opens a dialog first. */
  asks?: boolean
  onSelect: () => void
}

function Item({ container, label, icon: Icon, status = false, asks = false, onSelect }: ItemProps) {
  return (
    <Command.Item value={`${label} ${container.name} ${container.host} ${container.id}`} onSelect={onSelect}>
      <Icon size={15} aria-hidden />
      <span className="dl-ellipsis">
        {label} {container.name}
        {asks && '…'}
      </span>
      <span className="dl-palette-side">
        {status && <ContainerStatus container={container} />}
        <span className="dl-faint">{container.host}</span>
      </span>
    </Command.Item>
  )
}
