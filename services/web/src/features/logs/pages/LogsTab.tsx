import { getRouteApi } from '@tanstack/react-router'
import { FileSearch, ScrollText } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { toast } from '@/ui/toast'
import { messageOf } from '@/api/errors'
import { useContainer } from '@/features/containers'
import { copyText } from '@/ui/Copy'
import { Empty, Skeleton } from '@/ui/States'
import { LogDrawer } from '../components/LogDrawer'
import { LogFooter } from '../components/LogFooter'
import { LogToolbar } from '../components/LogToolbar'
import { LogViewport, type LogViewportHandle } from '../components/LogViewport'
import { downloadAll, saveText, shownText } from '../download'
import type { FilteredRows } from '../FilteredRows'
import type { LogLine, RowSource } from '../LogStore'
import type { LogStream } from '../LogStream'
import { filterSpec, logOptions, type LogOptions, type LogSearch } from '../options'
import { useLogKeys } from '../useLogKeys'
import { useCondition, useFilteredRows, useLogStream } from '../useLog'
import '../logs.scss'

const route = getRouteApi('/_app/hosts/$host/containers/$id/logs')

/** A container's log, live. */
export default function LogsTab() {
  const container = useContainer()
  const stream = useLogStream(container.host, container.id)
  return stream === null ? <Skeleton rows={12} /> : <Log key={container.id} stream={stream} />
}

function Log({ stream }: { stream: LogStream }) {
  const container = useContainer()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const options = useMemo(() => logOptions(search), [search])
  const spec = useMemo(() => filterSpec(options), [options])
  const filtered = useFilteredRows(stream.store, spec)
  const condition = useCondition(stream)
  const viewport = useRef<LogViewportHandle>(null)
  const [following, setFollowing] = useState(true)
  const [opened, setOpened] = useState<LogLine | null>(null)
  const [marked, setMarked] = useState<LogLine | null>(null)
  const source: RowSource = filtered ?? stream.store
  useSyncExternalStore(source.subscribe, source.version)

  function set(change: LogSearch): void {
    if (change.tail !== undefined || 'tail' in change) viewport.current?.follow(true)
    void navigate({ search: (before) => ({ ...before, line: undefined, ...change }), replace: true })
  }

  useLogKeys({
    f: () => viewport.current?.follow(!viewport.current.isFollowing()),
    w: () => set({ wrap: options.wrap ? undefined : '1' }),
    t: () => set({ ts: options.times ? '0' : undefined }),
    End: () => viewport.current?.follow(true),
  })
  useLinkedLine(spec === null ? options.line : null, stream, (line, index) => {
    viewport.current?.reveal(index)
    setMarked(line)
  })

  function copy(): void {
    copyText(shownText(source, firstShown(source, options), options.times)).then(
      () => toast.success('Copied what is shown'),
      () => toast.error('The browser did not allow copying.'),
    )
  }

  function download(what: 'text' | 'ndjson' | 'shown'): void {
    if (what === 'shown') {
      saveText(shownText(source, firstShown(source, options), options.times), `${container.name}.log`)
      return
    }
    const stop = new AbortController()
    toast.task(downloadAll(container.id, container.host, container.name, what, stop.signal), {
      loading: 'Reading the whole log…',
      success: 'Downloaded',
      error: (error) => (stop.signal.aborted ? 'Download stopped' : messageOf(error)),
      onStop: () => stop.abort(),
    })
  }

  function showContext(line: LogLine): void {
    setOpened(null)
    const linked = `${line.epoch}:${line.n}`
    void navigate({ search: ({ ts, wrap }) => ({ ts, wrap, line: linked }), replace: true })
  }

  const problem = filtered?.error ?? null
  return (
    <div className="dl-logs">
      <LogToolbar
        condition={condition}
        options={options}
        tty={container.tty}
        searchError={problem}
        set={set}
        onCopy={copy}
        onDownload={download}
      />
      {problem !== null && (
        <p id="log-search-error" className="dl-log-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="dl-log-area">
        <LogViewport
          ref={viewport}
          label={`Log of ${container.name}`}
          source={source}
          open={openLines(stream, filtered)}
          tail={options.tail}
          times={options.times}
          wrap={options.wrap}
          selected={opened ?? marked}
          onOpen={setOpened}
          onFollow={setFollowing}
        />
        <Nothing source={source} filtered={filtered} connecting={condition.phase === 'connecting'} />
      </div>
      <LogFooter
        store={stream.store}
        filtered={filtered}
        tail={options.tail}
        following={following}
        onFollow={(next) => viewport.current?.follow(next)}
      />
      {opened !== null && (
        <LogDrawer
          line={opened}
          link={linkTo(opened)}
          onContext={filtered === null ? undefined : () => showContext(opened)}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  )
}

function firstShown(source: RowSource, options: LogOptions): number {
  return Math.max(source.first, source.end - (options.tail ?? Infinity))
}

function openLines(stream: LogStream, filtered: FilteredRows | null): readonly LogLine[] {
  return filtered === null ? stream.store.open : stream.store.open.filter((line) => filtered.shows(line))
}

function linkTo(line: LogLine): string {
  const url = new URL(location.href)
  url.search = new URLSearchParams({ line: `${line.epoch}:${line.n}` }).toString()
  return url.href
}

/** Shows the line that the address names, once it is there. */
function useLinkedLine(linked: string | null, stream: LogStream, show: (line: LogLine, index: number) => void): void {
  const latest = useRef(show)
  useEffect(() => {
    latest.current = show
  })
  useEffect(() => {
    if (linked === null) return
    const { store } = stream
    let next = store.first
    const look = (): void => {
      for (; next < store.end; next++) {
        const row = store.at(next)
        if (row?.kind !== 'line' || `${row.epoch}:${row.n}` !== linked) continue
        unsubscribe()
        latest.current(row, next)
        return
      }
    }
    const unsubscribe = store.subscribe(look)
    look()
    return unsubscribe
  }, [linked, stream])
}

interface NothingProps {
  source: RowSource
  filtered: FilteredRows | null
  connecting: boolean
}

function Nothing({ source, filtered, connecting }: NothingProps) {
  if (source.end > source.first) return null
  if (filtered !== null) {
    return filtered.searching || filtered.error !== null ? null : (
      <div className="dl-log-empty">
        <Empty icon={<FileSearch size={20} />}>No line matches.</Empty>
      </div>
    )
  }
  return connecting ? null : (
    <div className="dl-log-empty">
      <Empty icon={<ScrollText size={20} />}>It has printed nothing yet. New lines appear here by themselves.</Empty>
    </div>
  )
}
