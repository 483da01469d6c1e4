import { FileSearch, ScrollText } from 'lucide-react'
import { useEffect, useImperativeHandle, useRef, useState, useSyncExternalStore, type ReactNode, type Ref } from 'react'
import { Empty } from '@/ui/States'
import { shownText } from '../download'
import type { FilteredRows, FilterSpec } from '../FilteredRows'
import type { LogLine, LogStore, RowSource } from '../LogStore'
import type { LogOptions } from '../options'
import { useFilteredRows } from '../useLog'
import { LogFooter } from './LogFooter'
import { LogViewport, type LogViewportHandle } from './LogViewport'

export interface LogPaneHandle extends LogViewportHandle {
  /** What is shown, as plain text. */
  text: () => string
}

interface LogPaneProps {
  ref: Ref<LogPaneHandle>
  label: string
  store: LogStore
  spec: FilterSpec | null
  options: LogOptions
  named: boolean
  connecting: boolean
  selected: LogLine | null
  onOpen: (line: LogLine) => void
  onProblem: (problem: string | null) => void
  /** Above the rows, where there are several panes. */
  head?: ReactNode
}

/** A window onto the rows that pass a filter, and below it how many these are. */
export function LogPane({ ref, label, store, spec, options, named, connecting, selected, onOpen, onProblem, head }: LogPaneProps) {
  const filtered = useFilteredRows(store, spec)
  const source: RowSource = filtered ?? store
  useSyncExternalStore(source.subscribe, source.version)
  const viewport = useRef<LogViewportHandle>(null)
  const [following, setFollowing] = useState(true)
  const problem = filtered?.error ?? null
  const searches = isSearch(spec)
  const tell = useRef(onProblem)
  useEffect(() => {
    tell.current = onProblem
  })
  useEffect(() => tell.current(problem), [problem])

  useImperativeHandle(ref, () => ({
    follow: (next) => viewport.current?.follow(next),
    isFollowing: () => viewport.current?.isFollowing() ?? true,
    reveal: (index) => viewport.current?.reveal(index),
    text: () => shownText(source, Math.max(source.first, source.end - (options.tail ?? Infinity)), options.times, named),
  }))

  return (
    <section className="dl-log-pane" aria-label={label}>
      {head}
      <div className="dl-log-area">
        <LogViewport
          ref={viewport}
          label={label}
          source={source}
          open={openLines(store, filtered)}
          tail={options.tail}
          times={options.times}
          wrap={options.wrap}
          named={named}
          selected={selected}
          onOpen={onOpen}
          onFollow={setFollowing}
        />
        <Nothing source={source} filtered={filtered} searches={searches} connecting={connecting} />
      </div>
      <LogFooter
        store={store}
        filtered={filtered}
        searches={searches}
        tail={options.tail}
        following={following}
        onFollow={(next) => viewport.current?.follow(next)}
      />
    </section>
  )
}

function openLines(store: LogStore, filtered: FilteredRows | null): readonly LogLine[] {
  return filtered === null ? store.open : store.open.filter((line) => filtered.shows(line))
}

function isSearch(spec: FilterSpec | null): boolean {
  return spec !== null && (spec.pattern !== null || spec.levels !== null || spec.stream !== null)
}

interface NothingProps {
  source: RowSource
  filtered: FilteredRows | null
  searches: boolean
  connecting: boolean
}

function Nothing({ source, filtered, searches, connecting }: NothingProps) {
  if (source.end > source.first || filtered?.searching === true || (filtered?.error ?? null) !== null) return null
  if (searches) {
    return (
      <div className="dl-log-empty">
        <Empty icon={<FileSearch size={20} />}>No line matches.</Empty>
      </div>
    )
  }
  return connecting ? null : (
    <div className="dl-log-empty">
      <Empty icon={<ScrollText size={20} />}>Nothing has been printed yet. New lines appear here by themselves.</Empty>
    </div>
  )
}
