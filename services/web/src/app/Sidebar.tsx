import { Link, useRouterState } from '@tanstack/react-router'
import { Activity, Box, ChevronsLeft, ChevronsRight, LayoutGrid, ScrollText, Search, Server, Users } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useCan } from '@/features/auth'
import { attention, useContainers } from '@/features/containers'
import { COMMAND_KEY, Kbd } from '@/ui/Kbd'
import { Logo } from '@/ui/Logo'
import { AccountMenu } from './AccountMenu'
import type { Overlay } from './Shell'

const COLLAPSED = 'dockline.sidebar'

function storedCollapsed(): boolean {
  try {
    return localStorage.getItem(COLLAPSED) === '1'
  } catch {
    return false
  }
}

interface SidebarProps {
  onOverlay: (overlay: Overlay) => void
}

/** The navigation: a column on wide windows, a drawer on a phone. */
export function Sidebar({ onOverlay }: SidebarProps) {
  const [collapsed, setCollapsed] = useState(storedCollapsed)
  const drawer = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  useEffect(() => {
    if (drawer.current?.matches(':popover-open') === true) drawer.current.hidePopover()
  }, [path])

  function toggle(): void {
    setCollapsed(!collapsed)
    try {
      localStorage.setItem(COLLAPSED, collapsed ? '0' : '1')
    } catch {
      // Without storage the choice lasts until the page is left.
    }
  }

  return (
    <>
      <aside className="dl-sidebar" data-collapsed={collapsed}>
        <Navigation onOverlay={onOverlay} />
        <div className="dl-sidebar-foot">
          <AccountMenu onOverlay={onOverlay} />
          <button
            type="button"
            className="btn btn-ghost btn-icon dl-collapse"
            aria-label={collapsed ? 'Widen the navigation' : 'Narrow the navigation'}
            onClick={toggle}
          >
            {collapsed ? <ChevronsRight size={16} aria-hidden /> : <ChevronsLeft size={16} aria-hidden />}
          </button>
        </div>
      </aside>
      <aside ref={drawer} id="dl-nav" popover="auto" className="dl-drawer">
        <Navigation onOverlay={onOverlay} />
        <div className="dl-sidebar-foot">
          <AccountMenu onOverlay={onOverlay} />
        </div>
      </aside>
    </>
  )
}

function Navigation({ onOverlay }: SidebarProps) {
  const can = useCan()
  const list = useContainers().data
  const containers = list?.items
  const hosts = list?.hosts
  const troubled = containers?.filter((container) => attention(container) !== null).length ?? 0
  return (
    <>
      <Link to="/" className="dl-brand">
        <Logo />
        <span>Dockline</span>
      </Link>
      <button type="button" className="dl-find" onClick={() => onOverlay('palette')} title="Find a page, a container or an action">
        <Search size={15} aria-hidden />
        <span>Find…</span>
        <Kbd keys={`${COMMAND_KEY} K`} />
      </button>
      <nav aria-label="Main" className="dl-nav">
        <NavLink to="/" icon={<LayoutGrid size={16} aria-hidden />} label="Overview" exact />
        <NavLink to="/containers" icon={<Box size={16} aria-hidden />} label="Containers" count={containers?.length} alarm={troubled} />
        <NavLink
          to="/hosts"
          icon={<Server size={16} aria-hidden />}
          label="Hosts"
          exact
          count={hosts?.length}
          alarm={hosts?.filter(({ state }) => state === 'offline').length}
        />
        <NavLink to="/events" icon={<Activity size={16} aria-hidden />} label="Events" />
        {(can('users.manage') || can('audit.read')) && <h2 className="dl-nav-group">Administration</h2>}
        {can('users.manage') && <NavLink to="/admin/users" icon={<Users size={16} aria-hidden />} label="Users" />}
        {can('audit.read') && <NavLink to="/admin/audit" icon={<ScrollText size={16} aria-hidden />} label="Audit log" />}
      </nav>
    </>
  )
}

/** To what a page belongs that does not lie below it: containers lie below their hosts. */
function sectionOf(path: string): string | undefined {
  const [, hosts, , inside] = path.split('/')
  if (hosts !== 'hosts') return undefined
  return inside === undefined ? '/hosts' : '/containers'
}

interface NavLinkProps {
  to: '/' | '/containers' | '/hosts' | '/events' | '/admin/users' | '/admin/audit'
  icon: ReactNode
  label: string
  exact?: boolean
  count?: number | undefined
  /** How many of them need attention. */
  alarm?: number | undefined
}

function NavLink({ to, icon, label, exact = false, count, alarm = 0 }: NavLinkProps) {
  const section = useRouterState({ select: (state) => sectionOf(state.location.pathname) })
  const forced = to === section
  return (
    <Link
      to={to}
      title={label}
      className={forced ? 'dl-nav-link active' : 'dl-nav-link'}
      activeOptions={{ exact, includeSearch: false }}
    >
      {icon}
      <span className="dl-nav-label">{label}</span>
      {count !== undefined && (
        <span className="dl-count">
          {alarm > 0 && <span className="dl-alarm" role="img" aria-label={`${alarm} need attention:`} title={`${alarm} need attention`} />}
          {count}
        </span>
      )}
    </Link>
  )
}
