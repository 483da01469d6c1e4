import type { ReactNode } from 'react'
import { PERIODS } from '@/format/period'
import { spanText } from '@/format/time'
import { Search } from '@/ui/Search'
import { Select } from '@/ui/Segmented'
import { EVENT_KINDS } from '../model'
import { ANY_TIME, USUAL_PERIOD, type Span, type SpanSearch } from '../span'

/** What the address says of which events are wanted. */
export interface EventSearch extends SpanSearch {
  host?: string
  kind?: string
  action?: string
  q?: string
  exec?: string
}

interface EventFiltersProps {
  search: EventSearch
  span: Span
  hosts: readonly string[]
  onChange: (change: EventSearch) => void
}

const ACTIONS = [
  ...['create', 'start', 'die', 'stop', 'kill', 'restart', 'pause', 'unpause', 'rename', 'destroy', 'oom'],
  ...['health_status: healthy', 'health_status: unhealthy', 'pull', 'connect', 'disconnect', 'mount', 'unmount', 'online', 'offline', 'gap'],
]

/** The filters of the events page. */
export function EventFilters({ search, span, hosts, onChange }: EventFiltersProps) {
  const { host, kind, action, q, exec } = search
  return (
    <div className="dl-toolbar">
      <Search label="Search events" placeholder="Container, ID, action" value={q ?? ''} debounceMs={250} onValue={(value) => onChange({ q: value })} />
      <Choice label="Kind" all="All kinds" value={kind} values={EVENT_KINDS} onValue={(value) => onChange({ kind: value })} />
      <Choice label="Action" all="All actions" value={action} values={ACTIONS} onValue={(value) => onChange({ action: value })} />
      {(hosts.length > 1 || host !== undefined) && (
        <Choice label="Host" all="All hosts" value={host} values={hosts} onValue={(value) => onChange({ host: value })} />
      )}
      <Period search={search} span={span} onChange={onChange} />
      <label className="form-check dl-toolbar-check">
        <input
          type="checkbox"
          className="form-check-input"
          checked={exec === '1'}
          onChange={(event) => onChange({ exec: event.target.checked ? '1' : undefined })}
        />
        Health checks
      </label>
    </div>
  )
}

interface ChoiceProps {
  label: string
  all: string
  value: string | undefined
  values: readonly string[]
  onValue: (value: string) => void
}

/** One value or all of them; the one in the address even when it is none of the usual. */
function Choice({ label, all, value, values, onValue }: ChoiceProps): ReactNode {
  const known = value === undefined || values.includes(value) ? values : [value, ...values]
  const options = known.map((each) => ({ value: each, label: each.replace('health_status: ', '') }))
  return <Select label={label} value={value ?? ''} options={[{ value: '', label: all }, ...options]} onValue={onValue} />
}

const OWN = 'own'

function Period({ search: { since, until }, span, onChange }: Pick<EventFiltersProps, 'search' | 'span' | 'onChange'>) {
  const named = since === undefined ? USUAL_PERIOD : since
  const usual = [...PERIODS, { value: ANY_TIME, label: 'Any time' }]
  const own = until !== undefined || !usual.some(({ value }) => value === named)
  const chosen = span.from === undefined || span.to === undefined ? 'From a moment on' : spanText(span.from, span.to)
  return (
    <Select
      label="Period"
      value={own ? OWN : named}
      options={own ? [{ value: OWN, label: chosen }, ...usual] : usual}
      onValue={(value) => value !== OWN && onChange({ since: value === USUAL_PERIOD ? '' : value, until: '', from: '', to: '' })}
    />
  )
}
