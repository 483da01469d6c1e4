import { useMutationState } from '@tanstack/react-query'
import { failureToast } from '@/ui/failureToast'
import { toast } from '@/ui/toast'
import { api, unwrap } from '@/api/client'
import { useChange } from '@/api/useChange'
import type { Action, Container } from '../model'

interface Operation {
  container: Container
  action: Action
}

const KEY = ['container-action']

/** So long a message offers to take back what it tells of. */
export const UNDO_MS = 10_000

export const DONE: Record<Action | 'remove', string> = {
  start: 'Started',
  stop: 'Stopped',
  restart: 'Restarted',
  kill: 'Killed',
  pause: 'Paused',
  unpause: 'Resumed',
  remove: 'Removed',
}

async function operate({ container, action }: Operation): Promise<void> {
  const params = { path: { id: container.id }, query: { host: container.host } }
  await unwrap(api.POST(`/api/v1/containers/{id}/${action}`, { params }))
}

/** The lists, and its own page. */
const touched = ({ container }: { container: Container }) => [['containers'], ['container', container.id]]

/** Starts, stops and so on, and tells how it went. A stop can be taken back from its message. */
export function useOperate(): (container: Container, action: Action) => void {
  const { mutate } = useChange(touched, operate, {
    mutationKey: KEY,
    onSuccess: (_, { container, action }) => {
      const undo = { label: 'Start again', onClick: () => mutate({ container, action: 'start' }) }
      toast.success(`${DONE[action]} ${container.name}`, action === 'stop' ? { action: undo, duration: UNDO_MS } : {})
    },
    onError: (error, { container, action }) => failureToast(`Could not ${action} ${container.name}`, error),
    // The row shows what is being done to it until it shows what came of it.
    untilRead: true,
  })
  return (container, action) => mutate({ container, action })
}

/** What is being done to a container at the moment. */
export function usePendingAction(id: string): Action | null {
  const pending = useMutationState({
    filters: { mutationKey: KEY, status: 'pending' },
    select: (mutation) => mutation.state.variables as Operation,
  })
  return pending.find((operation) => operation.container.id === id)?.action ?? null
}

export interface RemoveOptions {
  force: boolean
  volumes: boolean
}

export function useRemove() {
  return useChange(
    [['containers']],
    ({ container, ...options }: RemoveOptions & { container: Container }) =>
      unwrap(
        api.DELETE('/api/v1/containers/{id}', {
          params: { path: { id: container.id }, query: { host: container.host, ...options } },
        }),
      ),
    { onSuccess: (_, { container }) => toast.success(`Removed ${container.name}`) },
  )
}

interface Renaming {
  container: Container
  name: string
  /** A renaming is taken back: no dialog stands there to say what goes wrong. */
  undo?: boolean
}

export function useRename() {
  const renaming = useChange(
    touched,
    ({ container, name }: Renaming) =>
      unwrap(
        api.POST('/api/v1/containers/{id}/rename', {
          params: { path: { id: container.id }, query: { host: container.host } },
          body: { name },
        }),
      ),
    {
      onSuccess: (_, { container, name, undo = false }) => {
        const back = () => renaming.mutate({ container: { ...container, name }, name: container.name, undo: true })
        toast.success(`Renamed ${container.name} to ${name}`, undo ? {} : { action: { label: 'Undo', onClick: back }, duration: UNDO_MS })
      },
      onError: (error, { container, name, undo = false }) => {
        if (undo) failureToast(`Could not rename ${container.name} to ${name}`, error)
      },
    },
  )
  return renaming
}
