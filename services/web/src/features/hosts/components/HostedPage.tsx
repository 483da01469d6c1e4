import { SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { plural } from '@/format/numbers'
import { Page } from '@/ui/Page'
import { Search } from '@/ui/Search'
import { Select } from '@/ui/Segmented'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import type { Host } from '../api/contract'
import { HostBanner } from './HostBanner'

interface ListQuery {
  isPending: boolean
  isError: boolean
  error: unknown
  data: { items: readonly unknown[]; hosts: readonly Host[] } | undefined
  refetch: () => Promise<unknown>
}

interface Scope {
  q?: string
  host?: string
}

interface HostedPageProps {
  title: string
  /** What is listed, one of it: `image`. */
  noun: string
  placeholder: string
  query: ListQuery
  /** How many are left by the filters. */
  shown: number
  scope: Scope
  onScope: (scope: Scope) => void
  onClear: () => void
  actions?: ReactNode
  /** Further filters and what belongs to the list. */
  filters?: ReactNode
  toolbarEnd?: ReactNode
  banner?: ReactNode
  /** When there is nothing at all. */
  empty: ReactNode
  /** What is open above the page, whether there is a table or not. */
  dialogs?: ReactNode
  /** The table. */
  children: ReactNode
}

/** A list over all hosts: search and filters, who is silent, and what to say when there is nothing to show. */
export function HostedPage({ title, noun, placeholder, query, shown, scope, onScope, onClear, actions, filters, toolbarEnd, banner, empty, dialogs, children }: HostedPageProps) {
  const { q, host } = scope
  const hosts = query.data?.hosts ?? []
  const none = query.data !== undefined && shown === 0
  return (
    <Page title={title} status={query.data && <span className="dl-dim">{plural(shown, noun)}</span>} actions={actions} fill>
      <div className="dl-toolbar">
        <Search label={`Search ${noun}s`} placeholder={placeholder} value={q ?? ''} onValue={(value) => onScope({ q: value })} />
        {filters}
        {(hosts.length > 1 || host !== undefined) && (
          <Select label="Host" value={host ?? ''} options={hostOptions(hosts, host)} onValue={(value) => onScope({ host: value })} />
        )}
        {toolbarEnd !== undefined && <div className="dl-toolbar-end">{toolbarEnd}</div>}
      </div>
      <HostBanner hosts={hosts} only={host} what={`${noun}s`} />
      {banner}
      {query.isPending && <Skeleton rows={10} />}
      {query.isError && query.data === undefined && (
        <ErrorPanel what={`The ${noun}s could not be loaded`} error={query.error} onRetry={() => void query.refetch()} />
      )}
      {none && query.data?.items.length === 0 && empty}
      {none && query.data?.items.length !== 0 && (
        <Empty
          icon={<SearchX size={20} />}
          action={
            <button type="button" className="btn btn-secondary" onClick={onClear}>
              Clear the filters
            </button>
          }
        >
          No {noun} matches.
        </Empty>
      )}
      {shown > 0 && children}
      {dialogs}
    </Page>
  )
}

/** Every host by its name and, where it does not answer, its state; the one in the address even when it is gone. */
function hostOptions(hosts: readonly Host[], chosen: string | undefined) {
  const options = hosts.map(({ id, state }) => ({ value: id, label: state === 'online' ? id : `${id} (${state})` }))
  const gone = chosen !== undefined && !hosts.some(({ id }) => id === chosen)
  return [{ value: '', label: 'All hosts' }, ...(gone ? [{ value: chosen, label: chosen }] : []), ...options]
}
