import { useRef, useState, type ReactNode } from 'react'
import type { Condition } from '@/api/ws/condition'
import { copyText } from '@/ui/Copy'
import type { MenuItem } from '@/ui/Menu'
import { toast } from '@/ui/toast'
import { saveText } from '../download'
import type { LogLine, LogStore } from '../LogStore'
import { filterSpec, type LogOptions, type LogSearch } from '../options'
import { lineName, useLinkedLine } from '../useLinkedLine'
import { useLogKeys } from '../useLogKeys'
import { LogDrawer } from './LogDrawer'
import { LogPane, type LogPaneHandle } from './LogPane'
import { LogToolbar } from './LogToolbar'
import '../logs.scss'

/** One window onto the lines. */
export interface Pane {
  key: string
  label: string
  /** The logs that it shows, by the keys of their places; null for all that there are. */
  places: readonly string[] | null
  head?: ReactNode
}

interface LogWorkspaceProps {
  /** Of the file that a download makes. */
  name: string
  store: LogStore
  condition: Condition
  options: LogOptions
  tty: boolean
  panes: readonly Pane[]
  layout?: 'columns' | 'rows'
  /** Whether each row says which log it is of. */
  named?: boolean
  set: (change: LogSearch) => void
  /** Beside what is shown, which can always be downloaded. */
  downloads?: readonly MenuItem[]
  /** Between the tools and the lines. */
  children?: ReactNode
}

/** The tools of a log view, and its lines in one window or several. */
export function LogWorkspace({ name, store, condition, options, tty, panes, layout = 'columns', named = false, set, downloads = [], children }: LogWorkspaceProps) {
  const handles = useRef(new Map<string, LogPaneHandle>())
  const [opened, setOpened] = useState<LogLine | null>(null)
  const [marked, setMarked] = useState<LogLine | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const only = panes.length === 1 ? panes[0] : undefined
  const isFiltered = filterSpec(options, only === undefined ? [] : only.places) !== null

  const all = () => panes.flatMap(({ key }) => handles.current.get(key) ?? [])
  const follow = (following: boolean) => all().forEach((pane) => pane.follow(following))

  function change(what: LogSearch): void {
    if ('tail' in what) follow(true)
    set({ line: undefined, ...what })
  }

  useLogKeys({
    f: () => follow(!all().every((pane) => pane.isFollowing())),
    w: () => change({ wrap: options.wrap ? undefined : '1' }),
    t: () => change({ ts: options.times ? '0' : undefined }),
    End: () => follow(true),
  })
  useLinkedLine(isFiltered ? null : options.line, store, (line, index) => {
    all()[0]?.reveal(index)
    setMarked(line)
  })

  function shown(): string {
    if (panes.length === 1) return all()[0]?.text() ?? ''
    return panes.map(({ key, label }) => `=== ${label}\n${handles.current.get(key)?.text() ?? ''}`).join('\n')
  }

  function copy(): void {
    copyText(shown()).then(
      () => toast.success('Copied what is shown'),
      () => toast.error('The browser did not allow copying.'),
    )
  }

  function showContext(line: LogLine): void {
    setOpened(null)
    set({ ...NO_FILTER, line: lineName(line) })
  }

  return (
    <div className="dl-logs">
      <LogToolbar
        condition={condition}
        options={options}
        tty={tty}
        searchError={problem}
        set={change}
        onCopy={copy}
        downloads={[...downloads, { label: 'What is shown', onSelect: () => saveText(shown(), `${name}.log`) }]}
      />
      {problem !== null && (
        <p id="log-search-error" className="dl-log-problem" role="alert">
          {problem}
        </p>
      )}
      {children}
      <div className="dl-log-panes" data-layout={layout} data-panes={panes.length}>
        {panes.map(({ key, label, places, head }) => (
          <LogPane
            key={key}
            ref={(handle) => {
              if (handle === null) handles.current.delete(key)
              else handles.current.set(key, handle)
            }}
            label={label}
            store={store}
            spec={filterSpec(options, places)}
            options={options}
            named={named}
            connecting={condition.phase === 'connecting'}
            selected={opened ?? marked}
            onOpen={setOpened}
            onProblem={setProblem}
            head={head}
          />
        ))}
      </div>
      {opened !== null && (
        <LogDrawer
          line={opened}
          link={linkTo(opened)}
          onContext={isFiltered ? () => showContext(opened) : undefined}
          onClose={() => setOpened(null)}
        />
      )}
    </div>
  )
}

/** Without what hides a line's neighbours. */
const NO_FILTER: LogSearch = { q: undefined, re: undefined, cs: undefined, inv: undefined, lv: undefined, st: undefined, tail: undefined, hide: undefined, split: undefined }

function linkTo(line: LogLine): string {
  const url = new URL(location.href)
  for (const name of Object.keys(NO_FILTER)) url.searchParams.delete(name)
  for (const name of ['ts', 'wrap']) url.searchParams.delete(name)
  url.searchParams.set('line', lineName(line))
  return url.href
}
