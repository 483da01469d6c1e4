import { terminalRefused } from '@/api/ws/terminalRefused'
import { TerminalSocket, type TerminalProgram, type TerminalState } from '@/api/ws/TerminalSocket'
import { sharedStreams } from '@/api/ws/shared'
import { Screen } from './Screen'
import { storedSession, storeSession } from './session'

export interface TerminalRun {
  host: string
  container: string
  program: TerminalProgram
  /** What it is called. */
  title: string
  /** A program that runs already. */
  session: string | null
  /** Tells one run from the next. */
  no: number
}

/** What the keyboard asks for while it belongs to the terminal. */
interface Hands {
  onLeave: () => void
  onFind: () => void
}

const NO_HANDS: Hands = { onLeave: () => undefined, onFind: () => undefined }

/** A terminal with its connection. It lives outside React, so that a look at another tab neither ends nor empties it. */
export class LiveTerminal {
  readonly screen: Screen
  private readonly run: TerminalRun
  private socket: TerminalSocket | null = null
  private current: TerminalState = { phase: 'connecting' }
  private exec: string | null = null
  private hands = NO_HANDS
  private readonly listeners = new Set<() => void>()

  constructor(run: TerminalRun) {
    this.run = run
    this.screen = new Screen({
      onType: (text) => this.socket?.type(text),
      onReport: (bytes) => this.socket?.write(bytes),
      onSize: (size) => this.socket?.resize(size),
      onLeave: () => this.hands.onLeave(),
      onFind: () => this.hands.onFind(),
    })
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly state = (): TerminalState => this.current

  /** Shows the terminal, and connects it once it has a size; what is returned takes it away again. */
  show(parent: HTMLElement, hands: Hands): () => void {
    this.hands = hands
    this.screen.show(parent)
    this.socket ??= this.connect()
    return () => {
      this.hands = NO_HANDS
      this.screen.hide()
    }
  }

  stop(): void {
    this.socket?.stop()
    this.screen.dispose()
    const { host, container } = this.run
    // The next terminal may stand there already.
    if (storedSession(host, container)?.exec === this.exec) storeSession(host, container, null)
  }

  private connect(): TerminalSocket {
    const { host, container, program, title, session } = this.run
    return new TerminalSocket({
      host,
      container,
      program,
      session,
      size: this.screen.size,
      onOutput: (bytes) => this.screen.write(bytes),
      onReplay: () => this.screen.clear(),
      onState: (state) => {
        this.current = state
        if (state.phase === 'exited' || state.phase === 'lost') this.screen.freeze()
        for (const listener of this.listeners) listener()
      },
      onSession: (exec) => {
        this.exec = exec
        storeSession(host, container, exec === null ? null : { exec, title })
      },
      whyRefused: () => terminalRefused(host, container, program),
    })
  }
}

/** As long as the server keeps a program whose page is gone. */
const LINGER_MS = 60_000

export const liveTerminals = sharedStreams((key) => new LiveTerminal(JSON.parse(key) as TerminalRun), LINGER_MS)
