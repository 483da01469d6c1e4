import { Status } from '@/ui/Status'
import { usePendingAction } from '../api/actions'
import { stateTone, stateWord, type Action, type Container } from '../model'

const UNDER_WAY: Record<Action, string> = {
  start: 'starting…',
  stop: 'stopping…',
  restart: 'restarting…',
  kill: 'killing…',
  pause: 'pausing…',
  unpause: 'resuming…',
}

/** A container's state, or what is being done to it right now. */
export function ContainerStatus({ container, pill = false }: { container: Container; pill?: boolean }) {
  const pending = usePendingAction(container.id)
  if (pending !== null) {
    return (
      <Status tone="amber" busy pill={pill}>
        {UNDER_WAY[pending]}
      </Status>
    )
  }
  return (
    <Status tone={stateTone(container)} busy={container.state === 'restarting'} pill={pill} title={container.status}>
      {stateWord(container)}
    </Status>
  )
}
