import { Terminal, type ITheme } from '@xterm/xterm'
import '@xterm/xterm/css/xterm.css'
import { takeFont } from '@/features/terminal'
import type { Stage } from './Player'

const LARGEST = 15
/** What is larger then is scrolled. */
const SMALLEST = 8
/** How wide a character of the font is, of its size. */
const WIDTH = 0.6
/** Of a line, by what the font's own height is. */
const LINE_HEIGHT = 1.25
/** How high a line is, of the font's size: JetBrains Mono's ascent and descent are 1.32 of it. */
const LINE = 1.32 * LINE_HEIGHT
/** Of characters in a line, and of lines: older recordings may have sizes that no screen has room for. */
const MOST = 1000
/** What stands around the characters. */
const EDGE_PX = 40
/** Makes a terminal as it was at first (RIS). */
const RESET = '\x1bc'

/**
 * A terminal that only shows, as large as the recorded one was, in letters of the size that there is room for. It takes
 * what is written bit by bit, so that everything else waits behind that for its turn.
 */
export class CastScreen implements Stage {
  private readonly frame = document.createElement('div')
  private readonly terminal: Terminal
  private readonly observer: ResizeObserver
  private room = { width: 0, height: 0 }

  constructor(parent: HTMLElement, options: { theme: ITheme; convertEol: boolean }) {
    this.terminal = new Terminal({
      fontFamily: 'monospace',
      fontSize: LARGEST,
      lineHeight: LINE_HEIGHT,
      scrollback: 5000,
      disableStdin: true,
      cursorInactiveStyle: 'block',
      minimumContrastRatio: 4.5,
      screenReaderMode: true,
      ...options,
    })
    this.frame.className = 'dl-player-frame'
    parent.append(this.frame)
    this.terminal.open(this.frame)
    this.observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return
      this.room = entry.contentRect
      this.fit()
    })
    this.observer.observe(parent)
    void takeFont(this.terminal)
  }

  paint(theme: ITheme): void {
    this.terminal.options.theme = theme
  }

  resize(cols: number, rows: number): void {
    this.terminal.write('', () => {
      // It was disposed of by then.
      if (!this.frame.isConnected) return
      this.terminal.resize(bounded(cols), bounded(rows))
      this.fit()
    })
  }

  write(text: string): void {
    this.terminal.write(text)
  }

  clear(): void {
    this.terminal.write(RESET)
  }

  dispose(): void {
    this.observer.disconnect()
    this.terminal.dispose()
    this.frame.remove()
  }

  private fit(): void {
    const { cols, rows } = this.terminal
    const wide = (this.room.width - EDGE_PX) / (cols * WIDTH)
    const high = (this.room.height - EDGE_PX) / (rows * LINE)
    const size = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(Math.min(wide, high) * 2) / 2))
    if (size !== this.terminal.options.fontSize) this.terminal.options.fontSize = size
  }
}

function bounded(size: number): number {
  return Math.min(MOST, Math.max(1, size))
}
