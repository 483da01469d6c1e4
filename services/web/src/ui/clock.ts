import { useSyncExternalStore } from 'react'

/** One timer per interval for the whole page, however many components show a time. */
class Clock {
  private readonly listeners = new Set<() => void>()
  private timer: ReturnType<typeof setInterval> | undefined
  private now = Date.now()
  private readonly everyMs: number

  constructor(everyMs: number) {
    this.everyMs = everyMs
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    this.timer ??= setInterval(() => {
      this.now = Date.now()
      for (const each of this.listeners) each()
    }, this.everyMs)
    this.now = Date.now()
    return () => {
      this.listeners.delete(listener)
      if (this.listeners.size > 0) return
      clearInterval(this.timer)
      this.timer = undefined
    }
  }

  readonly read = (): number => this.now
}

const slow = new Clock(10_000)
const fast = new Clock(1000)

/** The time, renewed every ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(slow.subscribe, slow.read)
}

/** The time, renewed every second. */
export function useSeconds(): number {
  return useSyncExternalStore(fast.subscribe, fast.read)
}
