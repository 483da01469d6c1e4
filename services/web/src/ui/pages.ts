import { Activity, Box, Boxes, CalendarClock, HardDrive, KeyRound, Layers, LayoutGrid, ListChecks, Logs, Network, ScrollText, Server, Users, Video } from 'lucide-react'

/** The pages that are reached from everywhere: by the navigation, by keys, by the palette. */
export const PAGES = [
  { to: '/', label: 'Overview', key: 'o', icon: LayoutGrid, permission: null },
  { to: '/containers', label: 'Containers', key: 'c', icon: Box, permission: null },
  { to: '/stacks', label: 'Stacks', key: 's', icon: Boxes, permission: 'stacks.read' },
  { to: '/logs', label: 'Logs', key: 'l', icon: Logs, permission: 'logs.read' },
  { to: '/images', label: 'Images', key: 'i', icon: Layers, permission: 'images.read' },
  { to: '/volumes', label: 'Volumes', key: 'v', icon: HardDrive, permission: 'volumes.read' },
  { to: '/networks', label: 'Networks', key: 'n', icon: Network, permission: 'networks.read' },
  { to: '/hosts', label: 'Hosts', key: 'h', icon: Server, permission: null },
  { to: '/events', label: 'Events', key: 'e', icon: Activity, permission: null },
  { to: '/jobs', label: 'Jobs', key: 'j', icon: ListChecks, permission: 'images.read' },
  { to: '/schedules', label: 'Schedules', key: 't', icon: CalendarClock, permission: 'schedules.manage' },
  { to: '/admin/registries', label: 'Registries', key: 'y', icon: KeyRound, permission: 'registries.read' },
  { to: '/admin/users', label: 'Users', key: 'u', icon: Users, permission: 'users.manage' },
  { to: '/admin/recordings', label: 'Recordings', key: 'r', icon: Video, permission: 'recordings.read' },
  { to: '/admin/audit', label: 'Audit log', key: 'a', icon: ScrollText, permission: 'audit.read' },
] as const
