import {
  Camera,
  CirclePause,
  CirclePlay,
  Copy,
  Gauge,
  MoreHorizontal,
  OctagonX,
  Pencil,
  Play,
  RefreshCw,
  RotateCw,
  ScrollText,
  Square,
  SquareTerminal,
  Trash2,
} from 'lucide-react'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useCan } from '@/features/auth'
import { copyText } from '@/ui/Copy'
import { Menu, type MenuItem } from '@/ui/Menu'
import { Spinner } from '@/ui/States'
import { useOperate, usePendingAction } from '../api/actions'
import { openDialog } from '../dialogs'
import { accepts, type Action, type Container } from '../model'

const SIZE = 15

const QUICK: { action: Action; label: string; icon: ReactNode }[] = [
  { action: 'start', label: 'Start', icon: <Play size={SIZE} aria-hidden /> },
  { action: 'unpause', label: 'Resume', icon: <CirclePlay size={SIZE} aria-hidden /> },
  { action: 'stop', label: 'Stop', icon: <Square size={SIZE} aria-hidden /> },
  { action: 'restart', label: 'Restart', icon: <RotateCw size={SIZE} aria-hidden /> },
]

interface ContainerActionsProps {
  container: Container
  /** In a row: icons only. In a page's header: with words. */
  place: 'row' | 'header'
}

/** What can be done to a container now: the usual as buttons, the rest in a menu. */
export function ContainerActions({ container, place }: ContainerActionsProps) {
  const can = useCan()
  const operate = useOperate()
  const pending = usePendingAction(container.id)
  const items = useMenuItems(container, place)
  const quick = can('containers.operate') ? QUICK.filter(({ action }) => accepts(container.state, action)) : []
  return (
    <div className={place === 'row' ? 'dl-row-actions' : 'dl-actions'}>
      {pending !== null && <Spinner label={`${pending} is under way`} />}
      <div className={place === 'row' ? 'dl-row-quick' : 'dl-actions'}>
        {quick.map(({ action, label, icon }) => (
          <button
            key={action}
            type="button"
            className={place === 'row' ? 'btn btn-ghost btn-icon btn-sm' : 'btn btn-secondary'}
            aria-label={place === 'row' ? `${label} ${container.name}` : label}
            title={label}
            disabled={pending !== null}
            onClick={() => operate(container, action)}
          >
            {icon}
            {place === 'header' && <span className="dl-wide-only">{label}</span>}
          </button>
        ))}
      </div>
      <Menu
        label={`More actions for ${container.name}`}
        trigger={<MoreHorizontal size={16} aria-hidden />}
        triggerClass={place === 'row' ? 'btn btn-ghost btn-icon btn-sm' : 'btn btn-secondary btn-icon'}
        items={items}
      />
    </div>
  )
}

function useMenuItems(container: Container, place: 'row' | 'header'): (MenuItem | 'separator')[] {
  const can = useCan()
  const operate = useOperate()
  const navigate = useNavigate()
  const params = { host: container.host, id: container.id }
  const open: (MenuItem | 'separator')[] =
    place === 'header'
      ? []
      : [
          {
            label: 'Logs',
            icon: <ScrollText size={SIZE} aria-hidden />,
            onSelect: () => void navigate({ to: '/hosts/$host/containers/$id/logs', params }),
          },
          ...(can('containers.exec') && container.state === 'running'
            ? [
                {
                  label: 'Terminal',
                  icon: <SquareTerminal size={SIZE} aria-hidden />,
                  onSelect: () => void navigate({ to: '/hosts/$host/containers/$id/terminal', params }),
                },
              ]
            : []),
        ]
  const copy: MenuItem = {
    label: 'Copy ID',
    icon: <Copy size={SIZE} aria-hidden />,
    onSelect: () => void copyText(container.id),
  }
  const running: (MenuItem | 'separator')[] = can('containers.operate')
    ? [
        'separator',
        {
          label: 'Pause',
          icon: <CirclePause size={SIZE} aria-hidden />,
          disabled: !accepts(container.state, 'pause'),
          onSelect: () => operate(container, 'pause'),
        },
        {
          label: 'Resume',
          icon: <CirclePlay size={SIZE} aria-hidden />,
          disabled: !accepts(container.state, 'unpause'),
          onSelect: () => operate(container, 'unpause'),
        },
        {
          label: 'Kill…',
          icon: <OctagonX size={SIZE} aria-hidden />,
          danger: true,
          disabled: !accepts(container.state, 'kill'),
          onSelect: () => openDialog({ kind: 'kill', container }),
        },
        'separator',
        {
          label: 'Rename…',
          icon: <Pencil size={SIZE} aria-hidden />,
          onSelect: () => openDialog({ kind: 'rename', container }),
        },
      ]
    : []
  const create: MenuItem[] = can('containers.create')
    ? [
        {
          label: 'Recreate…',
          icon: <RefreshCw size={SIZE} aria-hidden />,
          onSelect: () => openDialog({ kind: 'recreate', container }),
        },
        {
          label: 'Limits…',
          icon: <Gauge size={SIZE} aria-hidden />,
          onSelect: () => openDialog({ kind: 'limits', container }),
        },
        {
          label: 'Commit…',
          icon: <Camera size={SIZE} aria-hidden />,
          onSelect: () => openDialog({ kind: 'commit', container }),
        },
      ]
    : []
  const remove: MenuItem[] = can('containers.remove')
    ? [
        {
          label: 'Remove…',
          icon: <Trash2 size={SIZE} aria-hidden />,
          danger: true,
          onSelect: () => openDialog({ kind: 'remove', container }),
        },
      ]
    : []
  return [...open, copy, ...running, ...create, ...remove]
}
