import { useSyncExternalStore } from 'react'
import { useShared } from '@/api/ws/useShared'
import type { Job } from './api/jobs'
import { jobStreams } from './JobStream'
import { isOver } from './model'

const nothing = () => () => undefined

/** The job as it is now: live while it goes on, and as it is known otherwise. */
export function useJob(known: Job): Job {
  const stream = useShared(jobStreams, isOver(known) ? null : known.id)
  const live = useSyncExternalStore(stream?.subscribe ?? nothing, stream?.job ?? (() => null))
  return live ?? known
}
