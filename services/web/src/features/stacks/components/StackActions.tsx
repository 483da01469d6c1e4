import { useNavigate } from '@tanstack/react-router'
import { FileCode, MoreHorizontal, Play, RefreshCw, RotateCw, ScrollText, Square, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { useCan } from '@/features/auth'
import { Menu, type MenuItem } from '@/ui/Menu'
import type { Action, Stack } from '../api/stacks'
import { accepts } from '../model'
import { useOperate } from '../useOperate'

/** What somebody wants to do, for which a dialog opens. */
export interface Intent {
  kind: 'update' | 'remove'
  stack: Stack
}

const SIZE = 15

const QUICK: readonly { action: Action; label: string; icon: ReactNode }[] = [
  { action: 'start', label: 'Start', icon: <Play size={SIZE} aria-hidden /> },
  { action: 'stop', label: 'Stop', icon: <Square size={SIZE} aria-hidden /> },
  { action: 'restart', label: 'Restart', icon: <RotateCw size={SIZE} aria-hidden /> },
]

interface StackActionsProps {
  stack: Stack
  /** A job of it goes on. */
  busy?: boolean
  onIntent: (intent: Intent) => void
  /** In a row: icons only. In a page's header: with words. */
  place: 'row' | 'header'
}

/** What can be done with a stack: the usual as buttons, the rest in a menu. */
export function StackActions({ stack, busy = false, onIntent, place }: StackActionsProps) {
  const can = useCan()
  const operate = useOperate()
  const navigate = useNavigate()
  const manage = can('stacks.manage')
  const params = { host: stack.host, name: stack.name }
  const quick = manage ? QUICK.filter(({ action }) => accepts(stack, action)) : []
  const items: (MenuItem | 'separator')[] =
    place === 'header'
      ? []
      : [
          { label: 'Compose file', icon: <FileCode size={SIZE} aria-hidden />, onSelect: () => void navigate({ to: '/hosts/$host/stacks/$name/editor', params }) },
          ...(can('logs.read') ? [{ label: 'Logs', icon: <ScrollText size={SIZE} aria-hidden />, onSelect: () => void navigate({ to: '/hosts/$host/stacks/$name/logs', params }) }] : []),
        ]
  if (manage) {
    if (stack.managed) items.push({ label: 'Deploy again…', icon: <RefreshCw size={SIZE} aria-hidden />, disabled: busy, onSelect: () => onIntent({ kind: 'update', stack }) })
    if (items.length > 0) items.push('separator')
    items.push({ label: 'Remove…', icon: <Trash2 size={SIZE} aria-hidden />, danger: true, disabled: busy, onSelect: () => onIntent({ kind: 'remove', stack }) })
  }
  return (
    <div className={place === 'row' ? 'dl-row-actions' : 'dl-actions'}>
      <div className={place === 'row' ? 'dl-row-quick' : 'dl-actions'}>
        {quick.map(({ action, label, icon }) => (
          <button
            key={action}
            type="button"
            className={place === 'row' ? 'btn btn-ghost btn-icon btn-sm' : 'btn btn-secondary'}
            aria-label={place === 'row' ? `${label} ${stack.name}` : label}
            title={label}
            disabled={busy}
            onClick={() => operate(stack, action)}
          >
            {icon}
            {place === 'header' && <span className="dl-wide-only">{label}</span>}
          </button>
        ))}
      </div>
      {items.length > 0 && (
        <Menu
          label={`More actions for ${stack.name}`}
          trigger={<MoreHorizontal size={16} aria-hidden />}
          triggerClass={place === 'row' ? 'btn btn-ghost btn-icon btn-sm' : 'btn btn-secondary btn-icon'}
          items={items}
        />
      )}
    </div>
  )
}
