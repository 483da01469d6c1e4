import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FilteredRows, KILL_MS, type FilterSpec } from './FilteredRows'
import { LogStore } from './LogStore'
import { matcher, type Matcher, type WorkerAnswer, type WorkerRequest } from './matcher'

const ALL: FilterSpec = { levels: null, stream: null, places: null, pattern: null }
const search = (q: string, regex = false): FilterSpec => ({ ...ALL, pattern: { q, regex, caseSensitive: false, invert: false } })

/** A worker that answers a moment later, or never for a text that contains `hang`. */
class FakeWorker {
  onmessage: ((event: MessageEvent<WorkerAnswer>) => void) | null = null
  onerror: (() => void) | null = null
  terminated = false
  batches = 0
  private match: Matcher = () => null

  postMessage(request: WorkerRequest): void {
    setTimeout(() => this.answer(request), 1)
  }

  terminate(): void {
    this.terminated = true
  }

  private answer(request: WorkerRequest): void {
    if (this.terminated) return
    if ('pattern' in request) {
      try {
        this.match = matcher(request.pattern)
        this.say({ ready: true })
      } catch (error) {
        this.say({ invalid: String(error) })
      }
      return
    }
    this.batches++
    if (request.texts.some((text) => text.includes('hang'))) return
    const found = request.texts.map((text) => this.match(text))
    const kept = found.flatMap((marks, index) => (marks === null ? [] : [index]))
    this.say({ batch: request.batch, kept, marks: found.filter((marks) => marks !== null) })
  }

  private say(data: WorkerAnswer): void {
    this.onmessage?.({ data } as MessageEvent<WorkerAnswer>)
  }
}

let store: LogStore

beforeEach(() => {
  vi.useFakeTimers()
  store = new LogStore(5000, (task) => task())
})

afterEach(() => {
  vi.useRealTimers()
})

function say(raw: string, stream: 1 | 2 = 1): void {
  store.append({ n: 1, stream, time: 't', raw, truncated: false }, 'e')
}

function filter(spec: FilterSpec) {
  const workers: FakeWorker[] = []
  const rows = new FilteredRows(store, spec, () => {
    const worker = new FakeWorker()
    workers.push(worker)
    return worker as unknown as Worker
  })
  const shown = () =>
    Array.from({ length: rows.end - rows.first }, (_, index) => {
      const row = rows.at(rows.first + index)
      return row?.kind === 'line' ? row.text : row?.kind
    })
  return { rows, shown, workers }
}

const settle = () => vi.advanceTimersByTimeAsync(100)

describe('FilteredRows', () => {
  it('keeps levels and streams, and every marker, without a worker', () => {
    say('ERROR a')
    say('INFO b')
    say('ERROR c', 2)
    store.gap(3, 'rotated')
    expect(filter({ ...ALL, levels: ['error'] }).shown()).toEqual(['ERROR a', 'ERROR c', 'gap'])
    const { shown, workers } = filter({ ...ALL, stream: 2 })
    say('late', 2)
    say('late too', 1)
    expect(shown()).toEqual(['ERROR c', 'gap', 'late'])
    expect(workers).toHaveLength(0)
  })

  it('searches what is there, then only what comes', async () => {
    for (let nth = 0; nth < 4500; nth++) say(nth % 100 === 0 ? `needle ${nth}` : `hay ${nth}`)
    const { rows, shown, workers } = filter(search('needle'))
    expect(rows.searching).toBe(true)
    await settle()
    expect(rows.searching).toBe(false)
    expect(shown()).toHaveLength(45)
    expect(rows.highlights(rows.first)).toEqual([0, 6])
    const before = workers[0]?.batches ?? 0
    say('another needle')
    await settle()
    expect(shown().at(-1)).toBe('another needle')
    expect((workers[0]?.batches ?? 0) - before).toBe(1)
  })

  it('keeps markers in their place among the matches', async () => {
    say('needle 1')
    store.gap(5, 'rotated')
    say('hay')
    say('needle 2')
    const { shown } = filter(search('needle'))
    await settle()
    expect(shown()).toEqual(['needle 1', 'gap', 'needle 2'])
  })

  it('kills an expression that takes too long', async () => {
    say('please hang')
    const { rows, workers } = filter(search('(x+)+$', true))
    await vi.advanceTimersByTimeAsync(KILL_MS - 50)
    expect(rows.error).toBeNull()
    await vi.advanceTimersByTimeAsync(100)
    expect(rows.error).toMatch(/too long/)
    expect(workers[0]?.terminated).toBe(true)
    expect(rows.searching).toBe(false)
  })

  it('says what is wrong with an expression', async () => {
    say('x')
    const { rows } = filter(search('(', true))
    await settle()
    expect(rows.error).toMatch(/SyntaxError/)
  })

  it('forgets matches with the lines that left', async () => {
    say('needle old')
    const { shown } = filter(search('needle'))
    await settle()
    for (let nth = 0; nth < 5000; nth++) say(nth === 4999 ? 'needle new' : 'hay')
    await settle()
    expect(shown()).toEqual(['needle new'])
  })

  it('stops its worker', () => {
    const { rows, workers } = filter(search('x'))
    rows.stop()
    expect(workers[0]?.terminated).toBe(true)
  })
})
