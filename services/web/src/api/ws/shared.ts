interface Stoppable {
  stop: () => void
}

/** Streams that several components watch: made for the first, stopped a while after the last. */
export class SharedStreams<Stream extends Stoppable> {
  private readonly entries = new Map<string, { stream: Stream; users: number; end?: ReturnType<typeof setTimeout> }>()
  private readonly make: (key: string) => Stream
  private readonly lingerMs: number

  /** `make` starts the stream; `lingerMs` bridges a remount or a short look at another page. */
  constructor(make: (key: string) => Stream, lingerMs: number) {
    this.make = make
    this.lingerMs = lingerMs
  }

  acquire(key: string): Stream {
    let entry = this.entries.get(key)
    if (entry === undefined) {
      entry = { stream: this.make(key), users: 0 }
      this.entries.set(key, entry)
    }
    clearTimeout(entry.end)
    entry.users++
    return entry.stream
  }

  current(key: string): Stream | null {
    return this.entries.get(key)?.stream ?? null
  }

  release(key: string): void {
    const entry = this.entries.get(key)
    if (entry === undefined || --entry.users > 0) return
    // One is kept for the way back; more would use up the sockets that an account may have.
    for (const [other, { users }] of this.entries) if (users === 0 && other !== key) this.end(other)
    entry.end = setTimeout(() => this.end(key), this.lingerMs)
  }

  private end(key: string): void {
    const entry = this.entries.get(key)
    clearTimeout(entry?.end)
    entry?.stream.stop()
    this.entries.delete(key)
  }

  /** Stops everything and forgets its data. */
  clear(): void {
    for (const key of [...this.entries.keys()]) this.end(key)
  }
}

const everywhere: SharedStreams<Stoppable>[] = []

/** Streams of the signed-in account: `clearSharedStreams` ends them with the session. */
export function sharedStreams<Stream extends Stoppable>(make: (key: string) => Stream, lingerMs: number): SharedStreams<Stream> {
  const streams = new SharedStreams(make, lingerMs)
  everywhere.push(streams)
  return streams
}

export function clearSharedStreams(): void {
  for (const streams of everywhere) streams.clear()
}

/** A container's address as a key of shared streams. */
export function containerKey(host: string, id: string): string {
  return `${host}/${id}`
}

export function fromContainerKey(key: string): { host: string; id: string } {
  const [host = '', id = ''] = key.split('/')
  return { host, id }
}
