import { useMemo, useSyncExternalStore } from 'react'

const root = document.documentElement

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener)
  observer.observe(root, { attributes: true, attributeFilter: ['data-bs-theme'] })
  return () => observer.disconnect()
}

/** Reads the theme's custom properties for what is drawn on a canvas; a new function per theme. */
export function useColors(): (name: string) => string {
  const theme = useSyncExternalStore(subscribe, () => root.getAttribute('data-bs-theme'))
  return useMemo(() => {
    const style = theme === null ? null : getComputedStyle(root)
    return (name: string) => style?.getPropertyValue(name).trim() ?? ''
  }, [theme])
}
