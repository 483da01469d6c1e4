import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal, type ITheme } from '@xterm/xterm'
import { copyText } from '@/ui/Copy'
import '@xterm/xterm/css/xterm.css'
import type { TerminalSize } from '@/api/ws/TerminalSocket'
import { takeFont } from './font'

interface ScreenOptions {
  onType: (text: string) => void
  /** Reports of the mouse. */
  onReport: (bytes: Uint8Array<ArrayBuffer>) => void
  onSize: (size: TerminalSize) => void
  /** Somebody wants to get out by the keyboard. */
  onLeave: () => void
  onFind: () => void
}

const SCROLLBACK = 10_000
/** So much may wait to be drawn before the rest is given up; the terminal itself refuses somewhat more. */
const FLOOD_BYTES = 16 * 1024 * 1024
const LEFT_OUT = '\x1b[0m\r\n\x1b[7m More was printed than could be drawn: some of it was left out. \x1b[0m\r\n'

/** The terminal on the page, and what the keyboard does there besides typing. */
export class Screen {
  /** What it is drawn in, wherever that is put on the page. */
  readonly element = document.createElement('div')
  private readonly terminal: Terminal
  private readonly fit = new FitAddon()
  private readonly finder = new SearchAddon()
  private readonly observer: ResizeObserver
  private readonly options: ScreenOptions
  private waiting = 0
  private flooded = false

  constructor(options: ScreenOptions) {
    this.options = options
    this.element.className = 'dl-terminal-screen'
    this.terminal = new Terminal({
      fontFamily: 'monospace',
      fontSize: 13,
      lineHeight: 1.25,
      scrollback: SCROLLBACK,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      minimumContrastRatio: 4.5,
      screenReaderMode: true,
    })
    this.terminal.loadAddon(this.fit)
    this.terminal.loadAddon(this.finder)
    this.terminal.loadAddon(new WebLinksAddon())
    this.terminal.attachCustomKeyEventHandler((event) => this.onKey(event))
    this.terminal.onData(options.onType)
    // One byte in each character.
    this.terminal.onBinary((text) => options.onReport(Uint8Array.from(text, (char) => char.charCodeAt(0))))
    this.terminal.onResize(options.onSize)
    this.observer = new ResizeObserver(() => this.fit.fit())
    void takeFont(this.terminal).then(() => this.fit.fit())
  }

  /** Puts it on the page, where it may have been before; its size is known then. */
  show(parent: HTMLElement): void {
    parent.append(this.element)
    if (this.terminal.element === undefined) this.terminal.open(this.element)
    this.observer.observe(this.element)
    this.fit.fit()
    this.terminal.focus()
  }

  /** Takes it from the page; what is printed meanwhile is there when it comes back. */
  hide(): void {
    this.observer.disconnect()
    this.element.remove()
  }

  get size(): TerminalSize {
    return { cols: this.terminal.cols, rows: this.terminal.rows }
  }

  paint(theme: ITheme): void {
    this.terminal.options.theme = theme
  }

  write(bytes: Uint8Array): void {
    this.flooded ||= this.waiting > FLOOD_BYTES
    if (this.flooded) return
    this.waiting += bytes.length
    this.terminal.write(bytes, () => {
      this.waiting -= bytes.length
      if (!this.flooded || this.waiting > 0) return
      this.flooded = false
      this.terminal.write(LEFT_OUT)
    })
  }

  /** For what is to be printed from the begin. */
  clear(): void {
    this.terminal.reset()
  }

  /** Nothing is typed any more; what was printed can still be read. */
  freeze(): void {
    this.terminal.options.disableStdin = true
    this.terminal.options.cursorBlink = false
  }

  type(text: string): void {
    this.terminal.input(text)
  }

  focus(): void {
    this.terminal.focus()
  }

  find(text: string, direction: 'next' | 'previous'): void {
    if (text === '') this.finder.clearDecorations()
    else if (direction === 'next') this.finder.findNext(text)
    else this.finder.findPrevious(text)
  }

  dispose(): void {
    this.hide()
    this.terminal.dispose()
  }

  /** False for keys that are the page's and not the program's. */
  private onKey(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown' || !event.ctrlKey || event.altKey) return true
    if (event.key === '.' && !event.shiftKey) return this.own(event, this.options.onLeave)
    if (!event.shiftKey) return true
    switch (event.key.toLowerCase()) {
      case 'f':
        return this.own(event, this.options.onFind)
      case 'c':
        return this.own(event, () => void copyText(this.terminal.getSelection()))
      default:
        return true
    }
  }

  private own(event: KeyboardEvent, act: () => void): false {
    event.preventDefault()
    act()
    return false
  }
}
