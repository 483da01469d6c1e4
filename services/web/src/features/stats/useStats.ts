import { useSyncExternalStore } from 'react'
import type { Condition } from '@/api/ws/condition'
import { containerKey } from '@/api/ws/shared'
import { useShared } from '@/api/ws/useShared'
import { statsStreams, type Sample } from './StatsStream'

const NONE: readonly Sample[] = []
const CONNECTING: Condition = { phase: 'connecting' }
const nothing = () => () => undefined

/** A container's samples so far, oldest first, and the stream's condition. */
export function useStats(host: string, id: string): { samples: readonly Sample[]; condition: Condition } {
  const stream = useShared(statsStreams, containerKey(host, id))
  const subscribe = stream?.subscribe ?? nothing
  return {
    samples: useSyncExternalStore(subscribe, stream?.samples ?? (() => NONE)),
    condition: useSyncExternalStore(subscribe, stream?.condition ?? (() => CONNECTING)),
  }
}
