import { useNavigate } from '@tanstack/react-router'
import { Box, MoreHorizontal, Pencil, PlugZap, Power, PowerOff, Trash2 } from 'lucide-react'
import { useCan } from '@/features/auth'
import { Menu, type MenuItem } from '@/ui/Menu'
import type { Host } from '../api/contract'
import { useEnable } from '../useEnable'

/** What somebody wants to do with a host, for which a dialog opens. */
export type Intent = { kind: 'add' } | { kind: 'edit' | 'test' | 'disable' | 'remove'; host: Host }

const SIZE = 15

interface HostMenuProps {
  host: Host
  onIntent: (intent: Intent) => void
  /** On the host's own page, where its containers and the usual actions stand beside it. */
  own?: boolean
}

/** What can be done with a host. */
export function HostMenu({ host, onIntent, own = false }: HostMenuProps) {
  const can = useCan()
  const navigate = useNavigate()
  const enable = useEnable()
  const open = (kind: 'edit' | 'test' | 'disable' | 'remove') => () => onIntent({ kind, host })
  const containers: MenuItem = {
    label: 'Containers',
    icon: <Box size={SIZE} aria-hidden />,
    onSelect: () => void navigate({ to: '/containers', search: { host: host.id } }),
  }
  const usual: MenuItem[] = [
    { label: 'Test connection', icon: <PlugZap size={SIZE} aria-hidden />, onSelect: open('test') },
    { label: 'Edit…', icon: <Pencil size={SIZE} aria-hidden />, onSelect: open('edit') },
  ]
  const manage: (MenuItem | 'separator')[] = [
    host.enabled
      ? { label: 'Disable…', icon: <PowerOff size={SIZE} aria-hidden />, onSelect: open('disable') }
      : { label: 'Enable', icon: <Power size={SIZE} aria-hidden />, onSelect: () => enable(host) },
    'separator',
    {
      label: host.origin === 'settings' ? 'Remove: it is in the settings' : 'Remove…',
      icon: <Trash2 size={SIZE} aria-hidden />,
      danger: true,
      disabled: host.origin === 'settings',
      onSelect: open('remove'),
    },
  ]
  const items = [...(own ? [] : [containers]), ...(can('hosts.manage') ? [...(own ? [] : usual), ...manage] : [])]
  if (items.length === 0) return null
  return (
    <Menu
      label={`More actions for ${host.id}`}
      trigger={<MoreHorizontal size={16} aria-hidden />}
      triggerClass={own ? 'btn btn-secondary btn-icon' : 'btn btn-ghost btn-icon btn-sm'}
      items={items}
    />
  )
}
