import { Pause, Play, SkipBack } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore, type KeyboardEvent } from 'react'
import { terminalTheme } from '@/features/terminal'
import { playTime } from '@/format/time'
import { Kbd } from '@/ui/Kbd'
import { Segmented } from '@/ui/Segmented'
import { ErrorPanel, Skeleton } from '@/ui/States'
import { useColors } from '@/ui/useColors'
import { castOf } from '../api/recordings'
import { CastScreen } from '../CastScreen'
import { Player, SPEEDS, type PlayerState, type Speed } from '../Player'

/** How far an arrow key goes, in seconds. */
const STEP_S = 5

interface Theatre {
  player: Player
  screen: CastScreen
}

interface PlayerViewProps {
  id: string
  /** What was printed went to a terminal, which is told where lines begin. */
  terminal: boolean
}

/** Plays a recorded terminal. */
export default function PlayerView({ id, terminal }: PlayerViewProps) {
  const place = useRef<HTMLDivElement>(null)
  const colors = useColors()
  const [theatre, setTheatre] = useState<Theatre | null>(null)
  const theme = useRef(terminalTheme(colors))
  useEffect(() => {
    if (place.current === null) return
    const stop = new AbortController()
    const screen = new CastScreen(place.current, { theme: theme.current, convertEol: !terminal })
    const player = new Player(screen)
    void player.load(castOf(id, stop.signal))
    setTheatre({ player, screen })
    return () => {
      stop.abort()
      player.pause()
      screen.dispose()
      setTheatre(null)
    }
  }, [id, terminal])
  useEffect(() => {
    theme.current = terminalTheme(colors)
    theatre?.screen.paint(theme.current)
  }, [colors, theatre])
  return (
    <section className="dl-player" aria-label="Recording">
      <div className="dl-player-stage" ref={place} />
      {theatre !== null && <Controls player={theatre.player} />}
    </section>
  )
}

function Controls({ player }: { player: Player }) {
  const state = useSyncExternalStore(player.subscribe, player.snapshot)
  if (state.phase === 'loading') return <Skeleton rows={2} label="Reading the recording" />
  if (state.phase === 'failed') return <ErrorPanel what="The recording could not be played" error={state.error} />
  return <Ready player={player} state={state} />
}

function Ready({ player, state }: { player: Player; state: PlayerState }) {
  const { playing, at, length, speed, brief, typed } = state

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const faster = SPEEDS[SPEEDS.indexOf(speed) + 1]
    const slower = SPEEDS[SPEEDS.indexOf(speed) - 1]
    if (event.key === ' ' && !(event.target instanceof HTMLButtonElement)) player.toggle()
    else if (event.key === 'ArrowRight') player.seek(at + STEP_S)
    else if (event.key === 'ArrowLeft') player.seek(at - STEP_S)
    else if (event.key === '>' && faster !== undefined) player.setSpeed(faster)
    else if (event.key === '<' && slower !== undefined) player.setSpeed(slower)
    else return
    event.preventDefault()
  }

  return (
    <div className="dl-player-controls" role="group" aria-label="Playback" onKeyDown={onKeyDown}>
      <div className="dl-player-bar">
        <button type="button" className="btn btn-ghost btn-icon" aria-label="To the beginning" title="To the beginning" onClick={() => player.seek(0)}>
          <SkipBack size={16} aria-hidden />
        </button>
        <button type="button" className="btn btn-primary btn-icon" aria-label={playing ? 'Pause' : 'Play'} title={playing ? 'Pause' : 'Play'} data-autofocus onClick={() => player.toggle()}>
          {playing ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
        </button>
        <input
          type="range"
          className="form-range"
          aria-label="Position"
          aria-valuetext={`${playTime(at)} of ${playTime(length)}`}
          min={0}
          max={Math.max(length, 0.001)}
          step={0.01}
          value={at}
          onChange={(event) => player.seek(Number(event.target.value))}
        />
        <span className="dl-player-time dl-mono">
          {playTime(at)} <span className="dl-faint">/ {playTime(length)}</span>
        </span>
      </div>
      <div className="dl-player-options">
        <Segmented label="Speed" value={String(speed)} options={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))} onValue={(value) => player.setSpeed(Number(value) as Speed)} />
        <label className="form-check">
          <input type="checkbox" className="form-check-input" checked={brief} onChange={(event) => player.setBrief(event.target.checked)} />
          Cut long pauses
        </label>
        {typed !== '' && (
          <span className="dl-dim dl-ellipsis dl-player-typed" title={typed}>
            Typed <code>{typed}</code>
          </span>
        )}
        <span className="dl-player-keys dl-dim">
          <Kbd keys="← →" /> 5 s <Kbd keys="< >" /> speed
        </span>
      </div>
    </div>
  )
}
