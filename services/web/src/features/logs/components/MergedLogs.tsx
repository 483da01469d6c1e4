import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useShared } from '@/api/ws/useShared'
import { Skeleton } from '@/ui/States'
import { downloadAll } from '../download'
import { mergedStreams, type MergedStream } from '../MergedStream'
import { logOptions, type LogSearch } from '../options'
import type { Place } from '../Place'
import type { Selection } from '../selection'
import { LogWorkspace, type Pane } from './LogWorkspace'
import { PlaceHead, PlacesBar, type Layout } from './PlacesBar'

/** So many windows are still readable; more logs than that are shown in one. */
export const MOST_PANES = 8

interface MergedLogsProps {
  /** Tells views apart, which keep their lines for a while when they are left. */
  view: string
  selection: Selection
  /** Of the file that a download makes. */
  name: string
  search: LogSearch
  set: (change: LogSearch) => void
  onAdd?: () => void
  /** What takes a container out of the view; undefined where that is not possible. */
  removal?: (place: Place) => (() => void) | undefined
}

/** The logs of several containers, in one window or in one each. */
export function MergedLogs({ view, ...props }: MergedLogsProps) {
  const stream = useShared(mergedStreams, view)
  return stream === null ? <Skeleton rows={12} /> : <Logs stream={stream} {...props} />
}

function Logs({ stream, selection, name, search, set, onAdd, removal = () => undefined }: Omit<MergedLogsProps, 'view'> & { stream: MergedStream }) {
  useEffect(() => stream.select(selection), [stream, selection])
  const condition = useSyncExternalStore(stream.subscribe, stream.condition)
  const places = useSyncExternalStore(stream.subscribe, stream.places)
  const options = useMemo(() => logOptions(search), [search])
  const layout: Layout = search.split === 'columns' || search.split === 'rows' ? search.split : 'merged'
  const hidden = places.filter(({ key }) => search.hide?.split(',').includes(short(key))).map(({ key }) => key)
  const visible = places.filter(({ key }) => !hidden.includes(key))
  const isSplit = layout !== 'merged' && visible.length > 1 && visible.length <= MOST_PANES

  const panes: readonly Pane[] = isSplit
    ? visible.map((place) => ({ key: place.key, label: `Log of ${place.name}`, places: [place.key], head: <PlaceHead place={place} /> }))
    : [{ key: 'all', label: 'Log of all', places: hidden.length > 0 || stream.hasOthers() ? visible.map(({ key }) => key) : null }]

  return (
    <LogWorkspace
      name={name}
      store={stream.store}
      condition={condition}
      options={options}
      tty={false}
      panes={panes}
      layout={isSplit ? layout : 'columns'}
      named={!isSplit}
      set={set}
      downloads={visible.length > MOST_PANES ? [] : visible.filter(isStored).map((place) => ({ label: `Everything of ${place.name}`, onSelect: () => downloadAll(place, 'text') }))}
    >
      <PlacesBar
        places={places}
        hidden={hidden}
        layout={layout}
        onHide={(keys) => set({ hide: keys.map(short).join(','), line: undefined })}
        onLayout={(next) => set({ split: next === 'merged' ? undefined : next, line: undefined })}
        onAdd={onAdd}
        removal={removal}
      />
      {layout !== 'merged' && visible.length > MOST_PANES && (
        <p className="dl-log-hint">{visible.length} logs have no room beside one another. Hide all but {MOST_PANES} to see each by itself.</p>
      )}
    </LogWorkspace>
  )
}

/** Of a container that is gone the engine has nothing left. */
function isStored({ phase, host }: Place): boolean {
  return phase !== 'over' && phase !== 'failed' && host !== ''
}

function short(key: string): string {
  return key.slice(0, 12)
}
