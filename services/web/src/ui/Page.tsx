import { Link } from '@tanstack/react-router'
import { ChevronRight, Menu as MenuIcon } from 'lucide-react'
import { Fragment, useEffect, type ReactNode } from 'react'

export interface Crumb {
  label: string
  to?: string
}

interface PageProps {
  /** Name of the page; the last part of the breadcrumb and of the window's title. */
  title: string
  crumbs?: Crumb[]
  status?: ReactNode
  actions?: ReactNode
  tabs?: ReactNode
  /** The content fills the window and scrolls by itself. */
  fill?: boolean
  children: ReactNode
}

/** The frame of every page: a header with breadcrumb, status and actions, then the content. */
export function Page({ title, crumbs = [], status, actions, tabs, fill = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Dockline`
  }, [title])
  return (
    <>
      <header className="dl-header">
        <button
          type="button"
          className="btn btn-ghost btn-icon dl-open-nav"
          aria-label="Open navigation"
          popoverTarget="dl-nav"
        >
          <MenuIcon size={18} aria-hidden />
        </button>
        <nav aria-label="Breadcrumb" className="dl-crumbs">
          {crumbs.map((crumb) => (
            <Fragment key={crumb.label}>
              {crumb.to === undefined ? <span>{crumb.label}</span> : <Link to={crumb.to}>{crumb.label}</Link>}
              <ChevronRight size={14} aria-hidden />
            </Fragment>
          ))}
          <h1 className="dl-title" title={title}>
            {title}
          </h1>
        </nav>
        {status !== undefined && <div className="dl-header-status">{status}</div>}
        {actions !== undefined && <div className="dl-header-actions">{actions}</div>}
      </header>
      {tabs}
      <main id="content" tabIndex={-1} className={fill ? 'dl-content dl-content-fill' : 'dl-content'}>
        {children}
      </main>
    </>
  )
}
