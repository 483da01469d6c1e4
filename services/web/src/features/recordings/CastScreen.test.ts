import { Terminal } from '@xterm/xterm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CastScreen } from './CastScreen'

/** A browser measures; here a test says how much room there is. */
let tellRoom: ((width: number, height: number) => void) | null = null

class FakeObserver {
  constructor(callback: (entries: { contentRect: { width: number; height: number } }[]) => void) {
    tellRoom = (width, height) => callback([{ contentRect: { width, height } }])
  }
  observe(): void {
    // The test tells.
  }
  unobserve(): void {
    // Nothing is observed.
  }
  disconnect(): void {
    tellRoom = null
  }
}

const opened: Terminal[] = []
let fontIsThere: () => void = () => undefined

beforeEach(() => {
  vi.stubGlobal('ResizeObserver', FakeObserver)
  const loaded = new Promise<void>((resolve) => (fontIsThere = resolve))
  Object.defineProperty(document, 'fonts', { configurable: true, value: { load: () => loaded } })
  document.documentElement.style.setProperty('--dl-mono', 'Some Mono')
  // What draws needs a real browser. The rest of the terminal is the real one.
  vi.spyOn(Terminal.prototype, 'open').mockImplementation(function (this: Terminal) {
    opened.push(this)
  })
})

afterEach(() => vi.unstubAllGlobals())

function screen() {
  const parent = document.createElement('div')
  document.body.append(parent)
  const shown = new CastScreen(parent, { theme: {}, convertEol: false })
  const terminal = opened.at(-1) as Terminal
  return {
    shown,
    parent,
    terminal,
    size: () => `${terminal.cols}x${terminal.rows}`,
    /** The lines of the terminal that are not empty, once it has taken what was written. */
    lines: async () => {
      await new Promise<void>((resolve) => terminal.write('', resolve))
      const { active } = terminal.buffer
      return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '').filter((line) => line !== '')
    },
  }
}

describe('CastScreen', () => {
  it('prints, takes another size and begins anew in the order in which it is told', async () => {
    const { shown, size, lines } = screen()
    shown.resize(10, 4)
    shown.write('0123456789ab\r\n')
    shown.resize(20, 4)
    shown.write('0123456789ab')
    expect(size(), 'nothing is done before its turn').toBe('80x24')
    expect(await lines(), 'the first line was broken at ten').toEqual(['0123456789ab', '0123456789ab'])
    expect(size()).toBe('20x4')
    shown.clear()
    shown.write('new')
    expect(await lines()).toEqual(['new'])
  })

  it('breaks lines where the terminal of the time broke them', async () => {
    const { shown, lines } = screen()
    shown.resize(10, 4)
    shown.write('0123456789ab')
    expect(await lines()).toEqual(['0123456789', 'ab'])
  })

  it('takes the font of the page when that is loaded', async () => {
    const { terminal } = screen()
    expect(terminal.options.fontFamily, 'what is measured now holds for this one').toBe('monospace')
    fontIsThere()
    await vi.waitFor(() => expect(terminal.options.fontFamily).toBe('Some Mono'))
  })

  it('does not believe every size', async () => {
    const { shown, size, lines } = screen()
    shown.resize(0, 100_000)
    await lines()
    // A terminal of one column cannot hold wide characters: it makes two of it.
    expect(size()).toBe('2x1000')
  })

  it('takes letters of a size for which there is room', async () => {
    const { shown, terminal, lines } = screen()
    shown.resize(80, 24)
    await lines()
    const sizeIn = (width: number, height: number) => {
      tellRoom?.(width, height)
      return terminal.options.fontSize
    }
    expect(sizeIn(2000, 2000), 'no larger than those of the page').toBe(15)
    expect(sizeIn(640, 2000), 'by its width').toBe(12.5)
    expect(sizeIn(2000, 440), 'by its height').toBe(10)
    expect(sizeIn(100, 100), 'no smaller than one can read').toBe(8)
    expect(sizeIn(1000, 2000)).toBe(15)
    shown.resize(160, 24)
    await lines()
    expect(terminal.options.fontSize, 'of a terminal that became wider').toBe(10)
  })

  it('leaves nothing, and is not troubled by what was still to come', async () => {
    const { shown, parent, terminal, size } = screen()
    shown.resize(30, 5)
    shown.dispose()
    expect([parent.childElementCount, tellRoom]).toEqual([0, null])
    await new Promise((resolve) => setTimeout(resolve))
    expect(size()).toBe('80x24')
    expect(() => terminal.write('late')).not.toThrow()
  })
})
