import { lazy, Suspense, useLayoutEffect, useRef, useState } from 'react'
import { PLACEHOLDER } from './placeholder'
import './palette.scss'

// Large: it is loaded when the palette is opened for the first time.
const Finder = lazy(() => import('./Finder'))

interface PaletteProps {
  onClose: () => void
  onKeys: () => void
}

/** Finds things by typing. The field is there at once, before what finds is loaded: what is typed meanwhile goes into it. */
export function Palette({ onClose, onKeys }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [query, setQuery] = useState('')

  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    element?.querySelector('input')?.focus()
    return () => element?.close()
  }, [])

  return (
    <dialog
      ref={dialog}
      className="dl-palette"
      aria-label="Find"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      <Suspense
        fallback={<input type="text" className="dl-palette-input" aria-label="Find" placeholder={PLACEHOLDER} autoComplete="off" spellCheck={false} value={query} onChange={(event) => setQuery(event.target.value)} />}
      >
        <Finder query={query} onQuery={setQuery} onClose={onClose} onKeys={onKeys} />
      </Suspense>
    </dialog>
  )
}
