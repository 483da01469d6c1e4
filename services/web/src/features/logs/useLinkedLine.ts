import { useEffect, useRef } from 'react'
import type { LogLine, LogStore } from './LogStore'

/** A line as the address names it: `epoch:n`, behind the log's ID where several are shown together. */
export function lineName({ place, epoch, n }: LogLine): string {
  return `${place === null ? '' : `${place.key.slice(0, 12)}:`}${epoch}:${n}`
}

/** Shows the line that the address names, once it is there. */
export function useLinkedLine(linked: string | null, store: LogStore, show: (line: LogLine, index: number) => void): void {
  const latest = useRef(show)
  useEffect(() => {
    latest.current = show
  })
  useEffect(() => {
    if (linked === null) return
    let next = store.first
    const look = (): void => {
      for (; next < store.end; next++) {
        const row = store.at(next)
        if (row?.kind !== 'line' || lineName(row) !== linked) continue
        unsubscribe()
        latest.current(row, next)
        return
      }
    }
    const unsubscribe = store.subscribe(look)
    look()
    return unsubscribe
  }, [linked, store])
}
