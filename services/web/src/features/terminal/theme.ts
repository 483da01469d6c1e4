import type { ITheme } from '@xterm/xterm'

type Ansi = Omit<ITheme, 'background' | 'foreground' | 'cursor' | 'cursorAccent' | 'selectionBackground'>

const DARK: Ansi = {
  black: '#323b4e',
  red: '#f87171',
  green: '#34d399',
  yellow: '#fbbf24',
  blue: '#7dabff',
  magenta: '#c4a7ff',
  cyan: '#4cd4e0',
  white: '#d7dce6',
  brightBlack: '#8791a6',
  brightRed: '#fca5a5',
  brightGreen: '#6ee7b7',
  brightYellow: '#fcd34d',
  brightBlue: '#a5c5ff',
  brightMagenta: '#ddd0ff',
  brightCyan: '#8ce8f0',
  brightWhite: '#f8fafc',
}

/** White and its like are dark enough to be read on a white ground. */
const LIGHT: Ansi = {
  black: '#1a2130',
  red: '#b91c1c',
  green: '#047857',
  yellow: '#92400e',
  blue: '#1d4ed8',
  magenta: '#7e22ce',
  cyan: '#0e7490',
  white: '#55607a',
  brightBlack: '#5f6a82',
  brightRed: '#dc2626',
  brightGreen: '#059669',
  brightYellow: '#a16207',
  brightBlue: '#2563eb',
  brightMagenta: '#9333ea',
  brightCyan: '#0891b2',
  brightWhite: '#3b4456',
}

/** The terminal's colours: the page's, and sixteen that fit them. */
export function terminalTheme(color: (name: string) => string): ITheme {
  const background = color('--dl-canvas')
  return {
    ...(isLight(background) ? LIGHT : DARK),
    background,
    foreground: color('--dl-text'),
    cursor: color('--dl-accent'),
    cursorAccent: background,
    selectionBackground: isLight(background) ? '#bcd2ff' : '#2b4a86',
    scrollbarSliderBackground: '#8791a640',
    scrollbarSliderHoverBackground: '#8791a680',
    scrollbarSliderActiveBackground: '#8791a680',
  }
}

function isLight(color: string): boolean {
  return /^#(f|e)/i.test(color)
}
