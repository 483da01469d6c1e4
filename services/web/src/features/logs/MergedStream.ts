import { condition, type Condition, type ServerState } from '@/api/ws/condition'
import type { Connection, LiveSocket } from '@/api/ws/LiveSocket'
import { liveSocket } from '@/api/ws/connect'
import { sharedStreams } from '@/api/ws/shared'
import { mergedFrame, type MergedFrame, type PartFrame } from './frames'
import { LogSequence } from './LogSequence'
import { LogStore } from './LogStore'
import { Merger } from './Merger'
import { freeHue, type Place } from './Place'
import { isWanted, type Selection, type Wanted } from './selection'

/** Lines of each log that the server delivers at once to a new viewer. */
const FIRST_LINES = '300'
/** How long after a failure that may pass the log is asked for again. */
const RETRY_MS = 10_000
/** Failures that pass by themselves: an engine that is silent, a limit that somebody else has reached. */
const PASSING = /^(engine_|host_unusable$|too_many_connections$|live_data_unavailable$)/

/** One container of the view. */
interface Part {
  id: string
  host: string
  log: LogSequence
  place: Place
  /** Nothing comes of it any more. */
  isOver: boolean
  /** It failed for a reason that may pass. */
  mayPass: boolean
}

/** Several logs in one: one socket, the position of each log in it, and the lines of all in the order of their times. */
export class MergedStream {
  readonly store: LogStore
  private readonly merger: Merger
  private readonly socket: LiveSocket
  private readonly listeners = new Set<() => void>()
  private selection: Selection = { containers: [], stacks: [] }
  private readonly parts = new Map<string, Part>()
  /** Those that were taken out. Their rows are still here: one that is shown again goes on behind them. */
  private readonly left = new Map<string, Part>()
  private shown: readonly Place[] = []
  private connection: Connection = { phase: 'connecting' }
  private current: Condition = { phase: 'connecting' }
  private hasSpoken = false
  /** What was said last of each stack. */
  private readonly stacks = new Map<string, ServerState>()
  /** Those of which all containers were told once: their host was there. */
  private readonly known = new Set<string>()
  private retry: ReturnType<typeof setTimeout> | undefined
  private isRunning = false

  constructor(connect: typeof liveSocket = liveSocket, store = new LogStore(), merger = new Merger()) {
    this.store = store
    this.merger = merger
    this.socket = connect({
      path: '/ws/logs',
      query: () => this.query(),
      onFrame: (frame) => this.receive(frame),
      onConnection: (connection) => this.connected(connection),
    })
  }

  /** Shows these logs from now on. Those that were shown already go on where they are. */
  select(selection: Selection): void {
    if (JSON.stringify(selection) === JSON.stringify(this.selection)) return
    this.selection = selection
    for (const part of this.parts.values()) if (!this.wants(part)) this.drop(part)
    for (const part of this.left.values()) if (this.wants(part)) this.takeBack(part)
    for (const stack of this.stacks.keys()) if (!selection.stacks.includes(stack)) this.forget(stack)
    if (this.parts.size === 0) {
      this.merger.flush()
      this.store.clear()
      this.left.clear()
    }
    this.changed()
    if (selection.containers.length + selection.stacks.length === 0) this.stop()
    else this.askAnew()
  }

  stop(): void {
    this.isRunning = false
    clearTimeout(this.retry)
    this.socket.stop()
    this.merger.flush()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly condition = (): Condition => this.current

  /** Those whose logs are shown, in the order in which they came. */
  readonly places = (): readonly Place[] => this.shown

  /** Whether there are lines of logs that are not shown any more. */
  hasOthers(): boolean {
    return this.left.size > 0
  }

  private wants({ place, host }: Part): boolean {
    const isNamed = this.selection.containers.some((wanted) => isWanted(wanted, { host, id: place.key }))
    return isNamed || (place.stack !== null && this.selection.stacks.includes(`${host}/${place.stack}`))
  }

  private drop(part: Part): void {
    const { id, place, log } = part
    this.parts.delete(id)
    this.left.set(id, part)
    log.disconnect()
    this.merger.ready(id)
    this.store.setOpen([], '', place, id)
  }

  /** Whoever is in its place now is asked for again; one without lines as at the first time, by what it was called. */
  private takeBack(part: Part): void {
    const { id, place, log } = part
    this.left.delete(id)
    if (log.position === null) return
    this.parts.set(id, part)
    if (place.id !== id) return
    part.isOver = part.mayPass = false
    setPhase(place, 'connecting', '')
  }

  private query(): [string, string][] {
    const parts = [...this.parts.values()]
    const query: [string, string][] = this.selection.stacks.map((stack) => ['stack', stack])
    for (const wanted of this.selection.containers) {
      // Whoever came in its place is asked for instead.
      const known = parts.filter(({ place, host }) => isWanted(wanted, { host, id: place.key }))
      const ids = known.filter(({ isOver }) => !isOver).map(({ host, id }) => named(host, id))
      if (known.length === 0) ids.push(named(wanted.host, wanted.id))
      query.push(...ids.map((id): [string, string] => ['container', id]))
    }
    // All of them are over, and the server had no time to say so.
    if (query.length === 0) query.push(...this.selection.containers.map(({ host, id }): [string, string] => ['container', named(host, id)]))
    for (const { id, log, isOver } of parts) if (!isOver && log.position !== null) query.push(['from', `${id}=${log.position}`])
    query.push(['tail', this.knowsAll(parts) ? 'all' : FIRST_LINES])
    return query
  }

  /** Whoever is new to the view has come to one of its stacks meanwhile, and is shown from its first line. */
  private knowsAll(parts: readonly Part[]): boolean {
    const { containers, stacks } = this.selection
    const isShown = (wanted: Wanted) => parts.some(({ place, host }) => isWanted(wanted, { host, id: place.key }))
    return stacks.length > 0 && stacks.every((stack) => this.known.has(stack)) && containers.every(isShown)
  }

  private forget(stack: string): void {
    this.stacks.delete(stack)
    this.known.delete(stack)
  }

  private connected(connection: Connection): void {
    this.connection = connection
    if (connection.phase === 'lost') for (const { log } of this.parts.values()) log.finish()
    if (connection.phase !== 'open') {
      this.hasSpoken = false
      for (const { log, place, isOver } of this.parts.values()) {
        log.disconnect()
        if (!isOver) setPhase(place, 'connecting', '')
      }
    }
    this.changed()
  }

  private receive(data: unknown): void {
    const parsed = mergedFrame.safeParse(data)
    if (!parsed.success) return
    const frame = parsed.data
    const isNews = frame.type !== 'log' || !this.hasSpoken
    this.hasSpoken = true
    this.take(frame)
    if (isNews) this.changed()
  }

  private take(frame: MergedFrame): void {
    switch (frame.type) {
      case 'stack':
        this.stacks.set(frame.stack, frame)
        if (frame.state === 'live') this.known.add(frame.stack)
        break
      case 'part':
        this.meet(frame)
        break
      case 'end':
        this.end(frame.container, frame.reason)
        break
      default:
        this.hear(frame)
    }
  }

  private hear(frame: Exclude<MergedFrame, { type: 'stack' | 'part' | 'end' }>): void {
    const part = this.parts.get(frame.container) ?? (frame.type === 'error' ? this.missing(frame.container) : undefined)
    if (part === undefined) return
    part.log.receive(frame)
    const { place, id, log } = part
    // One that was replaced says nothing about its place any more.
    const speaks = place.id === id
    if (frame.type === 'start') {
      this.merger.begin(id)
      if (speaks) setPhase(place, 'live', '')
    } else if (frame.type === 'state') {
      this.merger.ready(id)
      if (speaks) setPhase(place, log.server?.state === 'ended' ? 'stopped' : (log.server?.state ?? 'live'), frame.reason)
    } else if (frame.type === 'error') {
      this.merger.ready(id)
      if (speaks) setPhase(place, 'failed', frame.message)
      part.mayPass = PASSING.test(frame.code)
      if (part.mayPass) this.askLater()
    }
  }

  private meet(frame: PartFrame): void {
    const left = this.left.get(frame.container)
    if (left !== undefined) this.takeBack(left)
    const known = this.parts.get(frame.container)
    if (known !== undefined) {
      known.isOver = known.mayPass = false
      if (known.place.id === known.id) describe(known.place, frame)
      return
    }
    const before = this.predecessor(frame)
    const place = before?.place ?? this.newPlace(frame.container, frame.host)
    const part = this.newPart(frame.container, frame.host, place)
    place.id = part.id
    describe(place, frame)
    setPhase(place, 'connecting', '')
    if (before !== undefined) this.add(part, null, () => this.store.mark('Recreated: the log goes on in the new container.', place))
  }

  /** In whose place somebody comes: the server says so, unless it happened while there was no connection. */
  private predecessor({ container, host, name, replaces }: PartFrame): Part | undefined {
    const named = replaces === undefined ? undefined : this.parts.get(replaces)
    if (named !== undefined || name === undefined) return named
    return [...this.parts.values()].find((part) => part.id !== container && part.isOver && part.host === host && part.place.name === name && part.place.id === part.id)
  }

  private newPlace(key: string, host: string): Place {
    const hue = freeHue(new Set([...this.parts.values()].map(({ place }) => place)))
    return { key, host, hue, id: key, name: key.slice(0, 12), stack: null, phase: 'connecting', reason: '' }
  }

  private newPart(id: string, host: string, place: Place): Part {
    const part: Part = {
      id,
      host,
      place,
      isOver: false,
      mayPass: false,
      log: new LogSequence({
        line: (line, epoch) => this.add(part, line.time, () => this.store.append(line, epoch, place)),
        open: (lines, epoch) => this.store.setOpen(lines, epoch, place, id),
        gap: (missing, reason) => this.add(part, null, () => this.store.gap(missing, reason, place)),
        mark: (text) => this.add(part, null, () => this.store.mark(text, place)),
        askAgain: () => this.socket.restart(),
      }),
    }
    this.parts.set(id, part)
    return part
  }

  /** What was asked for and cannot be had is shown as well: by what it was called. */
  private missing(reference: string): Part {
    const wanted = this.selection.containers.find(({ id }) => reference.startsWith(id) || id.startsWith(reference))
    return this.newPart(reference, wanted?.host ?? '', this.newPlace(reference, wanted?.host ?? ''))
  }

  /** Whoever takes a place comes behind whom it replaces. Nobody waits for the order of a single log. */
  private add({ place }: Part, time: string | null, emit: () => void): void {
    if (this.parts.size > 1) this.merger.add(place.key, time, emit)
    else {
      this.merger.flush()
      emit()
    }
  }

  private end(id: string, reason: string): void {
    const part = this.parts.get(id)
    if (part === undefined) return
    const { place } = part
    part.isOver = true
    // What may still go on waits for the rest of its last line.
    if (!part.mayPass) part.log.finish()
    this.merger.ready(id)
    if (place.id !== id) return
    if (reason === 'failed') setPhase(place, 'failed', place.reason)
    else {
      const hostLeft = reason === 'host_left'
      const mark = hostLeft ? 'Its host is not in use any more.' : 'The container was removed.'
      if (place.phase === 'connecting') this.add(part, null, () => this.store.mark(mark, place))
      setPhase(place, 'over', hostLeft ? 'its host is not in use any more' : 'it was removed')
    }
  }

  private askLater(): void {
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.askAnew(), RETRY_MS)
  }

  /** Asks again for all, also for what failed for a reason that may have passed. */
  private askAnew(): void {
    clearTimeout(this.retry)
    for (const part of this.parts.values()) {
      if (!part.mayPass) continue
      part.isOver = part.mayPass = false
      // Asked for by what it was called, as at the first time.
      if (part.log.position === null) this.parts.delete(part.id)
    }
    if (this.isRunning) this.socket.restart()
    else this.socket.start()
    this.isRunning = true
  }

  private changed(): void {
    this.shown = [...new Set([...this.parts.values()].map(({ place }) => place))].map((place) => ({ ...place }))
    this.current = condition(this.connection, this.hasSpoken ? this.server() : null)
    for (const listener of this.listeners) listener()
  }

  private server() {
    const late = [...this.stacks.values()].find(({ state }) => state === 'delayed')
    return late ?? { state: 'live' as const, reason: '' }
  }
}

function named(host: string | null, id: string): string {
  return host === null || host === '' ? id : `${host}/${id}`
}

function describe(place: Place, { name, project }: PartFrame): void {
  if (name !== undefined) place.name = name
  place.stack = project ?? place.stack
}

function setPhase(place: Place, phase: Place['phase'], reason: string): void {
  place.phase = phase
  place.reason = reason
}

/** Going to another page and back keeps the lines and the positions. */
const LINGER_MS = 20_000

export const mergedStreams = sharedStreams(() => new MergedStream(), LINGER_MS)
