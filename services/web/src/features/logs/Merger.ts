/** So long a line waits for older ones of other logs. */
export const WINDOW_MS = 200
/** So long at most everything waits for the beginning of a log that is slow to come. */
export const PATIENCE_MS = 2000
const LOOK_MS = 50

interface Held {
  /** The engine's time stamp: of fixed width, so that texts compare as times do. */
  time: string
  arrived: number
  emit: () => void
}

/**
 * Puts the lines of several logs into the order of their times, as far as they arrive shortly after one another. The lines
 * of one log keep their order, whatever their times are.
 */
export class Merger {
  private held: Held[] = []
  private readonly last = new Map<string, string>()
  /** Logs whose lines of before are still coming. */
  private readonly beginning = new Set<string>()
  private begun = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly now: () => number

  constructor(now: () => number = () => performance.now()) {
    this.now = now
  }

  /** `time` is null for what has none: it stays behind what came before it of the same log. */
  add(log: string, time: string | null, emit: () => void): void {
    const last = this.last.get(log) ?? ''
    const at = time === null || time < last ? last : time
    this.last.set(log, at)
    this.held.push({ time: at, arrived: this.now(), emit })
    this.timer ??= setTimeout(this.look, LOOK_MS)
  }

  /** A log begins: what it had before comes all at once, and belongs among the lines of the others. */
  begin(log: string): void {
    if (this.beginning.size === 0) this.begun = this.now()
    this.beginning.add(log)
  }

  /** It has caught up, or never will. */
  ready(log: string): void {
    this.beginning.delete(log)
  }

  /** Lets everything go at once, and forgets the logs. */
  flush(): void {
    this.release(this.held)
    this.held = []
    this.last.clear()
    this.beginning.clear()
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private readonly look = (): void => {
    this.timer = undefined
    const now = this.now()
    if (this.beginning.size === 0 || now - this.begun >= PATIENCE_MS) {
      let upTo: string | null = null
      for (const { time, arrived } of this.held) if (now - arrived >= WINDOW_MS && (upTo === null || time > upTo)) upTo = time
      if (upTo !== null) {
        const limit = upTo
        const due = this.held.filter(({ time }) => time <= limit)
        this.held = this.held.filter(({ time }) => time > limit)
        this.release(due)
      }
    }
    if (this.held.length > 0) this.timer = setTimeout(this.look, LOOK_MS)
  }

  /** Sorting keeps the order of what has the same time. */
  private release(held: readonly Held[]): void {
    for (const { emit } of [...held].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))) emit()
  }
}
