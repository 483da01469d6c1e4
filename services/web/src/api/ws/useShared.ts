import { useCallback, useSyncExternalStore } from 'react'
import type { SharedStreams } from './shared'

/** The stream of a key while the component is mounted; null at first, and without a key. */
export function useShared<Stream extends { stop: () => void }>(streams: SharedStreams<Stream>, key: string | null): Stream | null {
  const subscribe = useCallback(() => {
    if (key === null) return () => undefined
    streams.acquire(key)
    return () => streams.release(key)
  }, [streams, key])
  return useSyncExternalStore(subscribe, () => (key === null ? null : streams.current(key)))
}
