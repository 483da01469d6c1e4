import { useEffect, useSyncExternalStore } from 'react'
import type { Connection } from '@/api/ws/LiveSocket'
import { useShared } from '@/api/ws/useShared'
import { eventFeeds, type Change, type EventFeed, type EventRecord } from './EventFeed'

const KEY = 'all'
const NOTHING: readonly EventRecord[] = []
const CONNECTING: Connection = { phase: 'connecting' }

function useFeed(): EventFeed | null {
  return useShared(eventFeeds, KEY)
}

const noSubscription = () => () => undefined

/** The latest events, newest first. */
export function useLatestEvents(): readonly EventRecord[] {
  const feed = useFeed()
  return useSyncExternalStore(feed?.subscribe ?? noSubscription, feed?.latest ?? (() => NOTHING))
}

export function useFeedConnection(): Connection {
  const feed = useFeed()
  return useSyncExternalStore(feed?.subscribe ?? noSubscription, feed?.state ?? (() => CONNECTING))
}

/** Calls `onChange` for everything that makes lists old. */
export function useChanges(onChange: (change: Change) => void): void {
  const feed = useFeed()
  useEffect(() => feed?.watch(onChange), [feed, onChange])
}
