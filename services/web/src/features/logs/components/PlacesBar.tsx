import { Link } from '@tanstack/react-router'
import { Columns3, Plus, Rows3, TextAlignStart, X } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Place, PlacePhase } from '../Place'

export type Layout = 'merged' | 'columns' | 'rows'

interface PlacesBarProps {
  places: readonly Place[]
  /** By their keys. */
  hidden: readonly string[]
  layout: Layout
  onHide: (hidden: readonly string[]) => void
  onLayout: (layout: Layout) => void
  /** Absent where whoever belongs to the view is not chosen by hand. */
  onAdd?: () => void
  /** Absent for those that belong to a stack. */
  removal: (place: Place) => (() => void) | undefined
}

const WORDS: Record<PlacePhase, string | null> = {
  connecting: 'connecting',
  live: null,
  delayed: 'delayed',
  stopped: 'stopped',
  over: 'removed',
  failed: 'failed',
}

const LAYOUTS: readonly { layout: Layout; label: string; icon: ReactNode }[] = [
  { layout: 'merged', label: 'All in one', icon: <TextAlignStart size={15} aria-hidden /> },
  { layout: 'columns', label: 'Side by side', icon: <Columns3 size={15} aria-hidden /> },
  { layout: 'rows', label: 'One above the other', icon: <Rows3 size={15} aria-hidden /> },
]

/** Whose logs are shown: each can be hidden, and says when it is not live. */
export function PlacesBar({ places, hidden, layout, onHide, onLayout, onAdd, removal }: PlacesBarProps) {
  const toggle = (key: string) => onHide(hidden.includes(key) ? hidden.filter((other) => other !== key) : [...hidden, key])
  return (
    <div className="dl-places">
      <div className="dl-places-list" role="group" aria-label="Containers">
        {places.map((place) => (
          <PlaceChip key={place.key} place={place} shown={!hidden.includes(place.key)} onToggle={() => toggle(place.key)} onRemove={removal(place)} />
        ))}
        {onAdd !== undefined && (
          <button type="button" className="btn btn-ghost btn-sm dl-place-add" onClick={onAdd}>
            <Plus size={14} aria-hidden /> Add
          </button>
        )}
      </div>
      <div className="dl-segmented" role="group" aria-label="Layout">
        {LAYOUTS.map(({ layout: each, label, icon }) => (
          <button key={each} type="button" aria-label={label} title={label} aria-pressed={each === layout} onClick={() => onLayout(each)}>
            {icon}
          </button>
        ))}
      </div>
    </div>
  )
}

interface PlaceChipProps {
  place: Place
  shown: boolean
  onToggle: () => void
  onRemove?: () => void
}

function PlaceChip({ place, shown, onToggle, onRemove }: PlaceChipProps) {
  const word = WORDS[place.phase]
  const where = place.host === '' ? place.name : `${place.name} on ${place.host}`
  return (
    <span className="dl-place" data-hue={place.hue} data-phase={place.phase} data-shown={shown}>
      <button type="button" aria-pressed={shown} title={place.reason === '' ? where : `${where}: ${place.reason}`} onClick={onToggle}>
        <span className="dl-dot" aria-hidden />
        <span className="dl-ellipsis">{place.name}</span>
        {word !== null && <span className="dl-place-word">{word}</span>}
      </button>
      {onRemove !== undefined && (
        <button type="button" className="dl-place-remove" aria-label={`Remove ${place.name}`} onClick={onRemove}>
          <X size={13} aria-hidden />
        </button>
      )}
    </span>
  )
}

/** Above a window that shows one log alone. */
export function PlaceHead({ place }: { place: Place }) {
  const word = WORDS[place.phase]
  const content = (
    <>
      <span className="dl-dot" aria-hidden />
      <span className="dl-ellipsis">{place.name}</span>
    </>
  )
  return (
    <h2 className="dl-pane-head" data-hue={place.hue}>
      {place.phase === 'over' || place.host === '' ? (
        content
      ) : (
        <Link to="/hosts/$host/containers/$id/logs" params={{ host: place.host, id: place.id }}>
          {content}
        </Link>
      )}
      <span className="dl-faint">{place.host}</span>
      {word !== null && (
        <span className="dl-place-word" title={place.reason}>
          {word}
        </span>
      )}
    </h2>
  )
}
