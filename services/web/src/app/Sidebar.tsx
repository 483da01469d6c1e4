import { Link, useRouterState } from '@tanstack/react-router'
import { ChevronsLeft, ChevronsRight, Search } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useCan } from '@/features/auth'
import { attention, useContainers } from '@/features/containers'
import { COMMAND_KEY, Kbd } from '@/ui/Kbd'
import { Logo } from '@/ui/Logo'
import { PAGES } from '@/ui/pages'
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
  const counts: Partial<Record<PagePath, { count: number | undefined; alarm: number | undefined }>> = {
    '/containers': { count: containers?.length, alarm: troubled },
    '/hosts': { count: hosts?.length, alarm: hosts?.filter(({ state }) => state === 'offline').length },
  }
  const link = ({ to, label, icon: Icon, permission }: (typeof PAGES)[number]) =>
    (permission === null || can(permission)) && <NavLink key={to} to={to} icon={<Icon size={16} aria-hidden />} label={label} {...counts[to]} />
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
        {PAGES.filter(({ to }) => !to.startsWith('/admin')).map(link)}
        {PAGES.some(({ to, permission }) => to.startsWith('/admin') && permission !== null && can(permission)) && <h2 className="dl-nav-group">Administration</h2>}
        {PAGES.filter(({ to }) => to.startsWith('/admin')).map(link)}
      </nav>
    </>
  )
}

/** To what a page belongs that does not lie below it: containers, images and so on lie below their hosts. */
function sectionOf(path: string): string | undefined {
  const [, hosts, , inside] = path.split('/')
  if (hosts !== 'hosts') return undefined
  return `/${inside ?? hosts}`
}

type PagePath = (typeof PAGES)[number]['to']

interface NavLinkProps {
  to: PagePath
  icon: ReactNode
  label: string
  count?: number | undefined
  /** How many of them need attention. */
  alarm?: number | undefined
}

function NavLink({ to, icon, label, count, alarm = 0 }: NavLinkProps) {
  const section = useRouterState({ select: (state) => sectionOf(state.location.pathname) })
  const forced = to === section
  return (
    <Link
      to={to}
      title={label}
      className={forced ? 'dl-nav-link active' : 'dl-nav-link'}
      activeOptions={{ exact: to === '/' || to === '/hosts', includeSearch: false }}
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
