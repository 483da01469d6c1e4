import { CaseSensitive, Clock, Copy, Download, EqualNot, Regex, WrapText } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Condition } from '@/api/ws/condition'
import { ConnectionPill } from '@/ui/ConnectionPill'
import { Menu, type MenuItem } from '@/ui/Menu'
import { Search } from '@/ui/Search'
import { Select } from '@/ui/Segmented'
import { LEVELS } from '../level'
import { DEFAULT_TAIL, TAILS, toggledLevels, type LogOptions, type LogSearch } from '../options'

interface LogToolbarProps {
  condition: Condition
  options: LogOptions
  /** Whether there is no stderr. */
  tty: boolean
  searchError: string | null
  set: (change: LogSearch) => void
  onCopy: () => void
  downloads: readonly MenuItem[]
}

const flag = (on: boolean): string | undefined => (on ? '1' : undefined)

/** Everything that changes what is shown; all of it stands in the address bar, none of it reconnects. */
export function LogToolbar({ condition, options, tty, searchError, set, onCopy, downloads }: LogToolbarProps) {
  return (
    <div className="dl-toolbar dl-log-toolbar" role="toolbar" aria-label="Log view">
      <ConnectionPill condition={condition} />
      <Search
        label="Search the log"
        value={options.q}
        debounceMs={120}
        invalid={searchError !== null}
        describedBy={searchError === null ? undefined : 'log-search-error'}
        onValue={(q) => set({ q })}
      >
        <span className="dl-search-switches">
          <Switch label="Match case" on={options.caseSensitive} onSwitch={(on) => set({ cs: flag(on) })}>
            <CaseSensitive size={15} aria-hidden />
          </Switch>
          <Switch label="Regular expression" on={options.regex} onSwitch={(on) => set({ re: flag(on) })}>
            <Regex size={14} aria-hidden />
          </Switch>
          <Switch label="Lines that do not match" on={options.invert} onSwitch={(on) => set({ inv: flag(on) })}>
            <EqualNot size={14} aria-hidden />
          </Switch>
        </span>
      </Search>
      <div className="dl-levels" role="group" aria-label="Levels">
        {LEVELS.map((level) => (
          <button
            key={level}
            type="button"
            data-level={level}
            aria-pressed={options.levels?.includes(level) ?? false}
            onClick={() => set({ lv: toggledLevels(options.levels, level) })}
          >
            <span className="dl-dot" aria-hidden />
            {level}
          </button>
        ))}
      </div>
      <span className="dl-toolbar-end">
        {!tty && (
          <Select
            label="Stream"
            value={options.stream === null ? '' : options.stream === 1 ? 'stdout' : 'stderr'}
            options={[
              { value: '', label: 'Both streams' },
              { value: 'stdout', label: 'stdout' },
              { value: 'stderr', label: 'stderr' },
            ]}
            onValue={(st) => set({ st })}
          />
        )}
        <Select
          label="Lines shown"
          value={options.tail === null ? 'all' : String(options.tail)}
          options={TAILS.map((tail) => ({ value: tail, label: tail === 'all' ? 'All lines' : `Last ${Number(tail).toLocaleString('en')}` }))}
          onValue={(tail) => set({ tail: tail === DEFAULT_TAIL ? undefined : tail })}
        />
        <Switch label="Times" on={options.times} onSwitch={(on) => set({ ts: on ? undefined : '0' })}>
          <Clock size={15} aria-hidden />
        </Switch>
        <Switch label="Wrap long lines" on={options.wrap} onSwitch={(on) => set({ wrap: flag(on) })}>
          <WrapText size={15} aria-hidden />
        </Switch>
        <button type="button" className="btn btn-ghost btn-icon" aria-label="Copy what is shown" title="Copy what is shown" onClick={onCopy}>
          <Copy size={15} aria-hidden />
        </button>
        <Menu
          label="Download"
          trigger={<Download size={15} aria-hidden />}
          items={[...downloads]}
        />
      </span>
    </div>
  )
}

interface SwitchProps {
  label: string
  on: boolean
  onSwitch: (on: boolean) => void
  children: ReactNode
}

function Switch({ label, on, onSwitch, children }: SwitchProps) {
  return (
    <button type="button" className="btn btn-ghost btn-icon" aria-label={label} title={label} aria-pressed={on} onClick={() => onSwitch(!on)}>
      {children}
    </button>
  )
}
