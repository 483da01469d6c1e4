import { CastReader, reached, timesOf, typedText, type CastEvent } from './cast'

export const SPEEDS = [0.5, 1, 2, 4, 8] as const
export type Speed = (typeof SPEEDS)[number]

/** A pause is shown for no longer than this, in seconds, where pauses are cut. */
const PAUSE_S = 2
/** So often the position is told while it plays. */
const TELL_MS = 100
/** What was typed last, in characters. */
const TYPED = 60

export interface PlayerState {
  phase: 'loading' | 'ready' | 'failed'
  error: unknown
  playing: boolean
  /** Where it is, and how long it is as far as it is known, in seconds of what is shown. */
  at: number
  length: number
  speed: Speed
  /** Long pauses are cut. */
  brief: boolean
  /** What was typed last, if that was recorded. */
  typed: string
}

/** What shows a recording. */
export interface Stage {
  resize: (cols: number, rows: number) => void
  write: (text: string) => void
  clear: () => void
}

/** The parts of the browser that a player needs, so that tests can stand in for them. */
export interface Clock {
  now: () => number
  /** Calls once, some 16 ms later; what is returned calls it off. */
  next: (call: () => void) => () => void
}

const browserClock: Clock = {
  now: () => performance.now(),
  next: (call) => {
    // Not by frames, which a hidden page has none of.
    const timer = setTimeout(call, 16)
    return () => clearTimeout(timer)
  },
}

/** Plays a recording on a stage. It lives outside React, which draws only its controls. */
export class Player {
  private readonly reader = new CastReader()
  private readonly stage: Stage
  private readonly clock: Clock
  private readonly listeners = new Set<() => void>()
  private times: number[] = []
  private shown = 0
  private startedAt = 0
  private startedFrom = 0
  private toldAt = -Infinity
  private cancel: (() => void) | null = null
  private state: PlayerState = { phase: 'loading', error: null, playing: false, at: 0, length: 0, speed: 1, brief: true, typed: '' }

  constructor(stage: Stage, clock: Clock = browserClock) {
    this.stage = stage
    this.clock = clock
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly snapshot = (): PlayerState => this.state

  /** Reads a recording to its end, and plays it then. */
  async load(pieces: AsyncIterable<string>): Promise<void> {
    try {
      for await (const piece of pieces) this.reader.push(piece)
      this.reader.end()
      if (this.reader.header === null) throw new Error('The recording is empty.')
      this.measure()
      this.rewind()
      this.set({ phase: 'ready' })
      this.play()
    } catch (error) {
      this.set({ phase: 'failed', error })
    }
  }

  /** From the beginning, when it is at its end. */
  play(): void {
    if (this.state.phase !== 'ready' || this.state.playing) return
    if (this.state.at >= this.state.length) this.seek(0)
    this.set({ playing: true })
    this.begin(this.state.at)
  }

  pause(): void {
    if (!this.state.playing) return
    const at = this.position()
    this.cancel?.()
    this.cancel = null
    this.set({ playing: false, at })
  }

  toggle(): void {
    if (this.state.playing) this.pause()
    else this.play()
  }

  /** A terminal cannot be wound back: what was shown before is printed anew. */
  seek(to: number): void {
    if (this.state.phase !== 'ready') return
    const at = Math.min(this.state.length, Math.max(0, to))
    if (at < this.position()) this.rewind()
    this.show(at)
    this.set({ at })
    if (this.state.playing) this.begin(at)
  }

  setSpeed(speed: Speed): void {
    const at = this.position()
    this.set({ speed, at })
    if (this.state.playing) this.begin(at)
  }

  /** It stays where it is in what was recorded. */
  setBrief(brief: boolean): void {
    if (brief === this.state.brief) return
    this.set({ brief })
    if (this.state.phase !== 'ready') return
    this.measure()
    const at = this.shown === 0 ? 0 : (this.times[this.shown - 1] ?? 0)
    this.set({ at })
    if (this.state.playing) this.begin(at)
  }

  private get events(): readonly CastEvent[] {
    return this.reader.events
  }

  private measure(): void {
    this.times = timesOf(this.events, this.state.brief ? PAUSE_S : Infinity)
    this.set({ length: this.times.at(-1) ?? 0 })
  }

  private rewind(): void {
    this.shown = 0
    this.stage.clear()
    const { cols = 80, rows = 24 } = this.reader.header ?? {}
    this.stage.resize(cols, rows)
    this.set({ typed: '', at: 0 })
  }

  /** Shows everything up to a time; what was printed meanwhile goes to the stage in one piece. */
  private show(at: number): void {
    const until = reached(this.times, at)
    let printed = ''
    let typed = this.state.typed
    const flush = () => {
      if (printed !== '') this.stage.write(printed)
      printed = ''
    }
    for (; this.shown < until; this.shown++) {
      const event = this.events[this.shown]
      if (event?.kind === 'output') printed += event.text
      else if (event?.kind === 'input') typed = (typed + typedText(event.text)).slice(-TYPED)
      else if (event?.kind === 'resize') {
        flush()
        this.stage.resize(event.cols, event.rows)
      }
    }
    flush()
    if (typed !== this.state.typed) this.set({ typed })
  }

  /** Where it is by now; the state's is where it was when it was told last. */
  private position(): number {
    const { playing, at, length, speed } = this.state
    return playing ? Math.min(length, this.startedFrom + ((this.clock.now() - this.startedAt) / 1000) * speed) : at
  }

  private begin(from: number): void {
    this.cancel?.()
    this.startedAt = this.clock.now()
    this.startedFrom = from
    this.cancel = this.clock.next(this.tick)
  }

  private readonly tick = (): void => {
    const at = this.position()
    this.show(at)
    if (at >= this.state.length) {
      this.cancel = null
      this.set({ at, playing: false })
      return
    }
    if (this.clock.now() - this.toldAt >= TELL_MS) {
      this.toldAt = this.clock.now()
      this.set({ at })
    }
    this.cancel = this.clock.next(this.tick)
  }

  private set(change: Partial<PlayerState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of this.listeners) listener()
  }
}
