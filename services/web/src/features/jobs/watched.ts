import { useSyncExternalStore } from 'react'

/** The jobs that were begun on this page: they stay in its corner until they were seen to end. */
let watched: readonly string[] = []
const listeners = new Set<() => void>()

function set(next: readonly string[]): void {
  watched = next
  for (const listener of listeners) listener()
}

export function watchJob(id: string): void {
  if (!watched.includes(id)) set([id, ...watched])
}

export function forgetJobs(ids: readonly string[]): void {
  set(watched.filter((id) => !ids.includes(id)))
}

export function useWatchedJobs(): readonly string[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => watched,
  )
}
