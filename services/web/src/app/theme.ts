import { useSyncExternalStore } from 'react'

export type ThemeChoice = 'auto' | 'dark' | 'light'

const KEY = 'dockline.theme'
const prefersLight = matchMedia('(prefers-color-scheme: light)')
const listeners = new Set<() => void>()

function read(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY)
    return stored === 'dark' || stored === 'light' ? stored : 'auto'
  } catch {
    return 'auto'
  }
}

let choice = read()

/** The theme on the page; `public/theme.js` has set the same before the first paint. */
function apply(): void {
  const light = choice === 'light' || (choice === 'auto' && prefersLight.matches)
  document.documentElement.setAttribute('data-bs-theme', light ? 'light' : 'dark')
  for (const listener of listeners) listener()
}

prefersLight.addEventListener('change', apply)

export function setTheme(next: ThemeChoice): void {
  choice = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // Without storage the choice lasts until the page is left.
  }
  apply()
}

export function useTheme(): ThemeChoice {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => choice,
  )
}
