import type { Terminal } from '@xterm/xterm'

/**
 * Has a terminal take the page's font as soon as that is loaded. A terminal keeps the widths of letters that it has
 * measured: those of a font that stood in until then would not fit.
 */
export async function takeFont(terminal: Terminal): Promise<void> {
  const family = getComputedStyle(document.documentElement).getPropertyValue('--dl-mono')
  // What cannot be had is replaced by the browser: the terminal is to take that then.
  await document.fonts.load(`13px ${family}`).catch(() => undefined)
  terminal.options.fontFamily = family
}
