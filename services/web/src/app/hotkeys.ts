import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useCan } from '@/features/auth'
import { PAGES } from '@/ui/pages'
import type { Overlay } from './Shell'

/** How long `g` waits for its second key. */
const CHORD_MS = 1200

/** The keys that work on every page. */
export function useHotKeys(show: (overlay: Overlay) => void): void {
  const navigate = useNavigate()
  const can = useCan()
  useEffect(() => {
    let chordUntil = 0
    function onKeyDown(event: KeyboardEvent): void {
      const chord = event.timeStamp < chordUntil
      chordUntil = 0
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault()
        show('palette')
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return
      const target = PAGES.find(({ key }) => key === event.key)
      if (chord && target !== undefined) {
        if (target.permission === null || can(target.permission)) void navigate({ to: target.to })
      } else if (event.key === 'g') chordUntil = event.timeStamp + CHORD_MS
      else if (event.key === '?') show('keys')
      else if (event.key === '/') focus(event, document.querySelector<HTMLElement>('[data-search]'))
      else if (event.key === 'j') focus(event, neighbour(1))
      else if (event.key === 'k') focus(event, neighbour(-1))
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [navigate, can, show])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

function focus(event: KeyboardEvent, element: HTMLElement | null | undefined): void {
  if (element === null || element === undefined) return
  event.preventDefault()
  element.focus()
}

/** The link of the row after or before the one that has the focus. */
function neighbour(step: 1 | -1): HTMLElement | undefined {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
  const current = rows.findIndex((row) => row.closest('tr, li')?.contains(document.activeElement))
  return rows[current === -1 ? 0 : current + step]
}
