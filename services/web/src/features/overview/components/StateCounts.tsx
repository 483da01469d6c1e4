import { Link } from '@tanstack/react-router'
import { attention, type Container } from '@/features/containers'
import type { Tone } from '@/ui/Status'

const TILES: { state: string; label: string; tone: Tone }[] = [
  { state: 'running', label: 'Running', tone: 'green' },
  { state: 'paused', label: 'Paused', tone: 'blue' },
  { state: 'restarting', label: 'Restarting', tone: 'amber' },
  { state: 'exited', label: 'Exited', tone: 'grey' },
]

/** How many containers are in which state; each number leads to its list. */
export function StateCounts({ containers }: { containers: readonly Container[] | undefined }) {
  const troubled = containers?.filter((container) => attention(container) !== null).length
  const tiles = TILES.map((tile) => ({ ...tile, value: containers?.filter(({ state }) => state === tile.state).length }))
  tiles.push({ state: 'attention', label: 'Need attention', tone: 'red', value: troubled })
  return (
    <div className="dl-tiles">
      {tiles.map(({ state, label, tone, value }) => (
        <Link key={state} to="/containers" search={{ state }} className={`dl-tile dl-tone-${value === 0 ? 'grey' : tone}`}>
          <span className="dl-tile-label">
            <span className="dl-dot" aria-hidden />
            {label}
          </span>
          <span className="dl-tile-value">{value ?? '–'}</span>
        </Link>
      ))}
    </div>
  )
}
