const KEYS = [
  { label: 'Esc', text: '\x1b' },
  { label: 'Tab', text: '\t' },
  { label: '^C', text: '\x03' },
  { label: '^D', text: '\x04' },
  { label: '↑', text: '\x1b[A' },
  { label: '↓', text: '\x1b[B' },
  { label: '←', text: '\x1b[D' },
  { label: '→', text: '\x1b[C' },
] as const

/** The keys that keyboards of phones have not. */
export function TouchKeys({ onType }: { onType: (text: string) => void }) {
  return (
    <div className="dl-touch-keys dl-narrow-only" role="group" aria-label="Keys">
      {KEYS.map(({ label, text }) => (
        <button
          key={label}
          type="button"
          className="btn btn-secondary btn-sm"
          // The keyboard on the screen stays open.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onType(text)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
