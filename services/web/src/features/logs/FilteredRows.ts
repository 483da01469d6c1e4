import type { Level } from './level'
import type { LogRow, LogStore, RowSource } from './LogStore'
import type { Pattern, WorkerAnswer, WorkerRequest } from './matcher'

export interface FilterSpec {
  levels: readonly Level[] | null
  stream: 1 | 2 | null
  /** The logs that are shown, by the keys of their places; null for all. */
  places: readonly string[] | null
  pattern: Pattern | null
}

/** How long a batch may take before its expression is given up. */
export const KILL_MS = 250
const BATCH_LINES = 2000
const BATCH_CHARACTERS = 256 * 1024

interface Kept {
  index: number
  marks: readonly number[]
}

type FilterWorker = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>

const NO_MARKS: readonly number[] = []

/**
 * The rows of a store that pass a filter. New lines are looked at once, as they come; the text search
 * runs in a worker, batch by batch, and is stopped when a batch takes too long.
 */
export class FilteredRows implements RowSource {
  first = 0
  end = 0
  private problem: string | null = null
  private readonly kept: Kept[] = []
  /** The row of the store to look at next. */
  private next: number
  private batch: { number: number; rows: number[] } | null = null
  private batches = 0
  private caughtUp = false
  private ready = false
  private killTimer: ReturnType<typeof setTimeout> | undefined
  private revision = 0
  private scheduled = false
  private readonly listeners = new Set<() => void>()
  private worker: FilterWorker | null = null
  private readonly unsubscribe: () => void
  private readonly store: LogStore
  private readonly spec: FilterSpec

  constructor(store: LogStore, spec: FilterSpec, makeWorker: () => FilterWorker = filterWorker) {
    this.store = store
    this.spec = spec
    this.next = store.first
    if (spec.pattern !== null) this.startWorker(spec.pattern, makeWorker)
    this.unsubscribe = store.subscribe(() => this.pump())
    this.pump()
  }

  stop(): void {
    this.unsubscribe()
    this.kill()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly version = (): number => this.revision

  /** What is wrong with the search; then nothing is searched any more. */
  get error(): string | null {
    return this.problem
  }

  /** Whether the lines that were there at the beginning are still being searched. */
  get searching(): boolean {
    return this.problem === null && !this.caughtUp
  }

  at(index: number): LogRow | undefined {
    const kept = index < this.first ? undefined : this.kept[index % this.store.capacity]
    return kept === undefined || index >= this.end ? undefined : this.store.at(kept.index)
  }

  highlights(index: number): readonly number[] {
    return this.kept[index % this.store.capacity]?.marks ?? NO_MARKS
  }

  /** Whether a line that is not complete yet may be shown below the rest. */
  shows(row: LogRow): boolean {
    return this.spec.pattern === null && this.passes(row)
  }

  private startWorker(pattern: Pattern, makeWorker: () => FilterWorker): void {
    const worker = makeWorker()
    this.worker = worker
    worker.onmessage = (event: MessageEvent<WorkerAnswer>) => this.receive(event.data)
    worker.onerror = () => this.fail('The search could not be started.')
    this.post({ pattern })
  }

  private post(request: WorkerRequest): void {
    this.worker?.postMessage(request)
  }

  /** Looks at the rows that came since the last time. */
  private pump(): void {
    if (this.next < this.store.first) this.next = this.store.first
    this.evict()
    if (this.spec.pattern === null) this.scan()
    else if (this.ready && this.batch === null && this.next < this.store.end) this.sendBatch()
    if (this.batch === null && this.next >= this.store.end) this.caughtUp = true
    this.changed()
  }

  private scan(): void {
    for (; this.next < this.store.end; this.next++) {
      const row = this.store.at(this.next)
      if (row !== undefined && this.passes(row)) this.keep({ index: this.next, marks: NO_MARKS })
    }
  }

  private passes(row: LogRow): boolean {
    if (this.spec.places !== null && (row.place === null || !this.spec.places.includes(row.place.key))) return false
    if (row.kind !== 'line') return true
    if (this.spec.stream !== null && row.stream !== this.spec.stream) return false
    return this.spec.levels?.includes(row.level) ?? true
  }

  private sendBatch(): void {
    const texts: string[] = []
    const rows: number[] = []
    let characters = 0
    while (this.next < this.store.end && rows.length < BATCH_LINES && characters < BATCH_CHARACTERS) {
      const row = this.store.at(this.next)
      if (row?.kind === 'line' && this.passes(row)) {
        rows.push(this.next)
        texts.push(row.text)
        characters += row.text.length
      } else if (row !== undefined && row.kind !== 'line' && this.passes(row)) {
        // Its place among the matches must stay: finish the lines before it first.
        if (rows.length > 0) break
        this.keep({ index: this.next, marks: NO_MARKS })
      }
      this.next++
    }
    if (rows.length === 0) return
    this.batch = { number: ++this.batches, rows }
    this.post({ batch: this.batches, texts })
    this.killTimer = setTimeout(() => this.fail('This expression takes too long and was stopped. Make it simpler.'), KILL_MS)
  }

  private receive(answer: WorkerAnswer): void {
    if ('ready' in answer) this.ready = true
    else if ('invalid' in answer) {
      this.fail(answer.invalid)
      return
    } else {
      clearTimeout(this.killTimer)
      const { rows } = this.batch ?? { rows: [] }
      this.batch = null
      answer.kept.forEach((place, nth) => {
        const index = rows[place]
        if (index !== undefined) this.keep({ index, marks: answer.marks[nth] ?? NO_MARKS })
      })
    }
    this.pump()
  }

  private keep(kept: Kept): void {
    this.kept[this.end % this.store.capacity] = kept
    this.end++
    if (this.end - this.first > this.store.capacity) this.first++
  }

  private evict(): void {
    while (this.first < this.end) {
      const oldest = this.kept[this.first % this.store.capacity]
      if (oldest !== undefined && oldest.index >= this.store.first) return
      this.first++
    }
  }

  private fail(problem: string): void {
    this.problem = problem
    this.kill()
    this.changed()
  }

  private kill(): void {
    clearTimeout(this.killTimer)
    this.worker?.terminate()
    this.worker = null
    this.ready = false
  }

  /** Batches come faster than they can be seen. */
  private changed(): void {
    if (this.scheduled) return
    this.scheduled = true
    requestAnimationFrame(() => {
      this.scheduled = false
      this.revision++
      for (const listener of this.listeners) listener()
    })
  }
}

function filterWorker(): Worker {
  return new Worker(new URL('./filter.worker.ts', import.meta.url), { type: 'module' })
}
