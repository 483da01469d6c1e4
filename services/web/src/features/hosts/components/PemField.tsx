import { Upload } from 'lucide-react'
import { useId, useRef, useState, type ReactNode } from 'react'
import { describedBy, FieldNotes } from '@/ui/Field'

/** Chains of certificates are some kilobytes; more is another file. */
const LARGEST_BYTES = 64 * 1024

interface PemFieldProps {
  label: string
  hint?: ReactNode
  error?: string | undefined
  value: string
  placeholder: string
  /** Shown as dots, against eyes over the shoulder. */
  secret?: boolean
  rows?: number
  onValue: (text: string) => void
}

/** A certificate or key: pasted, chosen as a file, or dropped. */
export function PemField({ label, hint, error, value, placeholder, secret = false, rows = 3, onValue }: PemFieldProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [unreadable, setUnreadable] = useState<string>()
  const wrong = unreadable ?? error

  async function read(file: File): Promise<void> {
    if (file.size > LARGEST_BYTES) {
      setUnreadable(`${file.name} is larger than 64 KiB: it is no certificate and no key.`)
      return
    }
    try {
      onValue(await file.text())
      setUnreadable(undefined)
    } catch {
      setUnreadable(`${file.name} could not be read.`)
    }
  }

  return (
    <div className="dl-field">
      <div className="dl-pem-head">
        <label className="form-label" htmlFor={id}>
          {label}
        </label>
        <button type="button" className="btn btn-ghost btn-sm" aria-label={`Choose a file: ${label}`} onClick={() => input.current?.click()}>
          <Upload size={13} aria-hidden /> Choose a file
        </button>
        <input
          ref={input}
          type="file"
          hidden
          data-file={label}
          onChange={(event) => {
            const file = event.target.files?.[0]
            // Choosing the same file again is to be heard of, too.
            event.target.value = ''
            if (file !== undefined) void read(file)
          }}
        />
      </div>
      <textarea
        id={id}
        rows={rows}
        className={`form-control dl-pem dl-mono ${secret ? 'dl-pem-secret' : ''} ${wrong === undefined ? '' : 'is-invalid'}`}
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={wrong !== undefined}
        aria-describedby={describedBy(id, { hint, error: wrong })}
        value={value}
        onChange={(event) => {
          setUnreadable(undefined)
          onValue(event.target.value)
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          const file = event.dataTransfer.files[0]
          if (file === undefined) return
          event.preventDefault()
          void read(file)
        }}
      />
      <FieldNotes id={id} hint={hint} error={wrong} />
    </div>
  )
}
