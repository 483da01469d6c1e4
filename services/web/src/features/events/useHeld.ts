import { useState } from 'react'
import type { EventRecord } from './EventFeed'

interface Held {
  /** What was there when the list was stopped; nothing newer is shown. */
  events: readonly EventRecord[]
  why: 'button' | 'scroll'
}

/** Keeps a list still while it is read: on request, and for as long as it is scrolled down. */
export function useHeld(events: readonly EventRecord[], filter: object) {
  const [held, setHeld] = useState<Held | null>(null)
  const [heldFor, setHeldFor] = useState(filter)
  // Another filter shows another list: what was held back belongs to the one before.
  if (heldFor !== filter) {
    setHeldFor(filter)
    setHeld(null)
  }
  const newest = held?.events[0]?.at ?? ''
  const shown = held === null ? events : events.filter((event) => event.at <= newest)
  return {
    shown,
    held: held?.why ?? null,
    waiting: events.length - shown.length,
    hold: () => setHeld({ events, why: 'button' }),
    release: () => setHeld(null),
    onScroll: (scrolled: boolean) => {
      if (scrolled && held === null && events.length > 0) setHeld({ events, why: 'scroll' })
      if (!scrolled && held?.why === 'scroll') setHeld(null)
    },
  }
}
