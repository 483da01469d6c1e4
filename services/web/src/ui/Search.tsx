import { Search as SearchIcon, X } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'

interface SearchProps {
  label: string
  placeholder?: string
  value: string
  onValue: (value: string) => void
  /** Waits for a pause in typing. */
  debounceMs?: number
  invalid?: boolean
  describedBy?: string
  /** Switches that belong to the search, inside its right edge. */
  children?: ReactNode
}

/** A search field; `/` focuses the page's first one. */
export function Search({ label, placeholder, value, onValue, debounceMs = 0, invalid, describedBy, children }: SearchProps) {
  const [draft, setDraft] = useState({ text: value, seen: value, sent: value })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  // A value that did not come from here, for example from the address bar, replaces what was typed.
  if (draft.seen !== value) setDraft(value === draft.sent ? { ...draft, seen: value } : { text: value, seen: value, sent: value })
  useEffect(() => () => clearTimeout(timer.current), [])

  function change(text: string, wait: number): void {
    setDraft({ ...draft, text })
    clearTimeout(timer.current)
    if (wait === 0) send(text)
    else timer.current = setTimeout(() => send(text), wait)
  }

  function send(text: string): void {
    setDraft((before) => ({ ...before, sent: text }))
    onValue(text)
  }

  return (
    <div className="dl-search">
      <SearchIcon size={14} aria-hidden />
      <input
        type="text"
        inputMode="search"
        className={`form-control ${invalid === true ? 'is-invalid' : ''}`}
        data-search
        aria-label={label}
        aria-invalid={invalid}
        aria-describedby={describedBy}
        placeholder={placeholder ?? label}
        autoComplete="off"
        spellCheck={false}
        value={draft.text}
        onChange={(event) => {
          change(event.target.value, debounceMs)
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          if (draft.text === '') event.currentTarget.blur()
          else change('', 0)
        }}
      />
      {draft.text !== '' && (
        <button type="button" className="btn btn-ghost btn-icon dl-search-clear" aria-label="Clear search" onClick={() => change('', 0)}>
          <X size={14} aria-hidden />
        </button>
      )}
      {children}
    </div>
  )
}
