import type { Condition } from '@/api/ws/condition'
import { useSeconds } from './clock'
import { Status, type Tone } from './Status'

const LOOK: Record<Condition['phase'], { tone: Tone; word: string; busy?: boolean }> = {
  connecting: { tone: 'blue', word: 'Connecting', busy: true },
  live: { tone: 'green', word: 'Live' },
  delayed: { tone: 'amber', word: 'Delayed', busy: true },
  reconnecting: { tone: 'amber', word: 'Reconnecting', busy: true },
  ended: { tone: 'grey', word: 'Ended' },
  lost: { tone: 'red', word: 'Lost' },
}

/** Whether what is on the page is what happens now. */
export function ConnectionPill({ condition }: { condition: Condition }) {
  const { tone, word, busy = false } = LOOK[condition.phase]
  return (
    <span role="status" className="dl-connection" data-phase={condition.phase}>
      <Status tone={tone} busy={busy} pill title={'reason' in condition ? condition.reason : undefined}>
        {word}
        {condition.phase === 'reconnecting' && <Countdown at={condition.at} />}
      </Status>
    </span>
  )
}

function Countdown({ at }: { at: number }) {
  const seconds = Math.ceil((at - useSeconds()) / 1000)
  return seconds > 0 ? <> {seconds} s</> : null
}
