import { ChevronDown, ChevronUp, RotateCw } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Condition } from '@/api/ws/condition'
import type { Recorded, TerminalState } from '@/api/ws/TerminalSocket'
import { ConnectionPill } from '@/ui/ConnectionPill'
import { Kbd } from '@/ui/Kbd'
import { Search } from '@/ui/Search'
import { Status } from '@/ui/Status'
import { useShared } from '@/api/ws/useShared'
import { useColors } from '@/ui/useColors'
import { liveTerminals, type LiveTerminal, type TerminalRun } from '../LiveTerminal'
import { terminalTheme } from '../theme'
import { TouchKeys } from './TouchKeys'

interface TerminalViewProps {
  run: TerminalRun
  onAgain: () => void
  onOther: () => void
}

export default function TerminalView(props: TerminalViewProps) {
  const terminal = useShared(liveTerminals, JSON.stringify(props.run))
  return terminal === null ? null : <Opened {...props} terminal={terminal} />
}

/** A terminal, how it stands, and what to do when its program is over. */
function Opened({ run, onAgain, onOther, terminal }: TerminalViewProps & { terminal: LiveTerminal }) {
  const bar = useRef<HTMLDivElement>(null)
  const [sought, setSought] = useState('')
  const place = useRef<HTMLDivElement>(null)
  const colors = useColors()
  const state = useSyncExternalStore(terminal.subscribe, terminal.state)
  const { screen } = terminal
  useEffect(() => {
    screen.paint(terminalTheme(colors))
  }, [screen, colors])
  useEffect(() => {
    if (place.current === null) return
    return terminal.show(place.current, {
      onLeave: () => bar.current?.querySelector<HTMLElement>('button, input')?.focus(),
      onFind: () => bar.current?.querySelector<HTMLElement>('input')?.focus(),
    })
  }, [terminal])
  const over = state.phase === 'exited' || state.phase === 'lost'
  const find = (direction: 'next' | 'previous') => screen.find(sought, direction)
  return (
    <section className="dl-terminal" aria-label="Terminal" data-phase={state.phase}>
      <div className="dl-toolbar" ref={bar}>
        <How state={state} />
        {state.phase === 'open' && <RecordedBadge recorded={state.recorded} />}
        <span className="dl-mono dl-dim dl-ellipsis" title={run.title}>
          {run.title}
        </span>
        {state.phase === 'lost' && (
          <span className="dl-dim" role="alert">
            {state.reason}
          </span>
        )}
        <div className="dl-toolbar-end">
          {over && (
            <>
              <button type="button" className="btn btn-secondary" onClick={onOther}>
                Other command
              </button>
              <button type="button" className="btn btn-primary" onClick={onAgain}>
                <RotateCw size={14} aria-hidden /> Start again
              </button>
            </>
          )}
          <form
            className="dl-terminal-find"
            onSubmit={(event) => {
              event.preventDefault()
              find('previous')
            }}
          >
            <Search label="Search the terminal" value={sought} onValue={setSought} />
            <button type="submit" className="btn btn-ghost btn-icon" aria-label="Search upwards" title="Search upwards">
              <ChevronUp size={15} aria-hidden />
            </button>
            <button type="button" className="btn btn-ghost btn-icon" aria-label="Search downwards" title="Search downwards" onClick={() => find('next')}>
              <ChevronDown size={15} aria-hidden />
            </button>
          </form>
        </div>
      </div>
      <div className="dl-terminal-place" ref={place} />
      <TouchKeys
        onType={(text) => {
          screen.type(text)
          screen.focus()
        }}
      />
      <p className="dl-terminal-foot">
        <Kbd keys="Ctrl ." /> leaves the terminal <Kbd keys="Ctrl Shift C" /> copies <Kbd keys="Ctrl Shift V" /> pastes{' '}
        <Kbd keys="Ctrl Shift F" /> searches
      </p>
    </section>
  )
}

function How({ state }: { state: TerminalState }) {
  if (state.phase === 'exited') {
    return (
      <span role="status">
        <Status tone={state.code === 0 ? 'grey' : 'red'} pill>
          exited {state.code}
        </Status>
      </span>
    )
  }
  return <ConnectionPill condition={conditionOf(state)} />
}

function RecordedBadge({ recorded }: { recorded: Recorded }) {
  if (recorded === 'nothing') return null
  const what = recorded === 'output' ? 'What the program prints is recorded.' : 'What the program prints and what is typed is recorded.'
  return (
    <span role="status">
      <Status tone="red" pill title={`${what} Who may watch recordings can see it.`}>
        Recorded
      </Status>
    </span>
  )
}

type Connected = Exclude<TerminalState, { phase: 'exited' }>

function conditionOf(state: Connected): Condition {
  switch (state.phase) {
    case 'open':
      return { phase: 'live' }
    case 'connecting':
      return { phase: 'connecting' }
    default:
      return state
  }
}
