import { Plus, X } from 'lucide-react'
import { useId, useRef } from 'react'
import { FieldNotes } from './Field'

/** A name with its value while it is edited; `row` tells rows apart whose names are alike. */
export interface Pair {
  row: number
  key: string
  value: string
}

/** What is written, without rows in which nothing stands. */
export function filledPairs(pairs: readonly Pair[]): Pair[] {
  return pairs.filter(({ key, value }) => key.trim() !== '' || value !== '')
}

export function recordOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(filledPairs(pairs).map(({ key, value }) => [key.trim(), value]))
}

interface PairsFieldProps {
  title: string
  /** One of them: `variable`. */
  noun: string
  pairs: readonly Pair[]
  onPairs: (pairs: Pair[]) => void
  placeholder: { key: string; value: string }
  hint?: string
  error?: string | undefined
}

/** Names with values, as many as wanted. */
export function PairsField({ title, noun, pairs, onPairs, placeholder, hint, error }: PairsFieldProps) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)

  function add(): void {
    onPairs([...pairs, { row: 1 + Math.max(-1, ...pairs.map(({ row }) => row)), key: '', value: '' }])
    setTimeout(() => list.current?.querySelector<HTMLElement>('.dl-label-row:last-child input')?.focus())
  }

  function set(row: number, change: Partial<Pair>): void {
    onPairs(pairs.map((pair) => (pair.row === row ? { ...pair, ...change } : pair)))
  }

  return (
    <fieldset className="dl-field">
      <legend className="form-label">{title}</legend>
      <div ref={list} className="dl-label-rows">
        {pairs.map(({ row, key, value }, index) => (
          <div key={row} className="dl-label-row">
            <input
              className="form-control dl-mono"
              aria-label={`Name of ${noun} ${index + 1}`}
              placeholder={placeholder.key}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={key}
              onChange={(event) => set(row, { key: event.target.value })}
            />
            <input
              className="form-control dl-mono"
              aria-label={`Value of ${noun} ${index + 1}`}
              placeholder={placeholder.value}
              autoComplete="off"
              spellCheck={false}
              value={value}
              onChange={(event) => set(row, { value: event.target.value })}
            />
            <button
              type="button"
              className="btn btn-ghost btn-icon"
              aria-label={`Remove ${noun} ${key === '' ? index + 1 : key}`}
              onClick={() => onPairs(pairs.filter((pair) => pair.row !== row))}
            >
              <X size={14} aria-hidden />
            </button>
          </div>
        ))}
      </div>
      <button type="button" className="btn btn-secondary btn-sm" onClick={add}>
        <Plus size={14} aria-hidden /> Add {noun}
      </button>
      <FieldNotes id={id} hint={hint} error={error} />
    </fieldset>
  )
}
