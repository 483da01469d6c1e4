import { Archive, CloudDownload, Hammer, Network, PackageOpen, Plus, Upload, type LucideIcon } from 'lucide-react'
import type { Permission } from '@/features/auth'

/** What can be begun from everywhere: it opens on the page that it belongs to. */
export interface PageCommand {
  label: string
  permission: Permission
  icon: LucideIcon
  to: '/containers' | '/containers/new' | '/stacks/new' | '/images' | '/volumes' | '/volumes/backups' | '/networks'
  search?: Record<string, string>
}

export const COMMANDS: readonly PageCommand[] = [
  { label: 'Create a container', permission: 'containers.create', icon: Plus, to: '/containers/new' },
  { label: 'Deploy a stack', permission: 'stacks.manage', icon: Plus, to: '/stacks/new' },
  { label: 'Pull an image', permission: 'images.manage', icon: CloudDownload, to: '/images', search: { do: 'pull' } },
  { label: 'Build an image', permission: 'images.manage', icon: Hammer, to: '/images', search: { do: 'build' } },
  { label: 'Import images', permission: 'images.manage', icon: Upload, to: '/images', search: { do: 'import' } },
  { label: 'Create a volume', permission: 'volumes.manage', icon: Plus, to: '/volumes', search: { do: 'create' } },
  { label: 'Create a network', permission: 'networks.manage', icon: Plus, to: '/networks', search: { do: 'create' } },
  { label: 'Backups of volumes', permission: 'volumes.read', icon: Archive, to: '/volumes/backups' },
  { label: 'Picture of the networks', permission: 'networks.read', icon: Network, to: '/networks', search: { view: 'picture' } },
  { label: 'Remove containers that do not run', permission: 'system.prune', icon: PackageOpen, to: '/containers', search: { do: 'prune' } },
  { label: 'Remove unused images', permission: 'images.manage', icon: PackageOpen, to: '/images', search: { do: 'prune' } },
  { label: 'Remove unused volumes', permission: 'volumes.manage', icon: PackageOpen, to: '/volumes', search: { do: 'prune' } },
  { label: 'Remove unused networks', permission: 'networks.manage', icon: PackageOpen, to: '/networks', search: { do: 'prune' } },
]
