import { Check, Copy as CopyIcon } from 'lucide-react'
import { useState } from 'react'
import { toast } from './toast'

/** Puts text on the clipboard, also where the page is not served over HTTPS. */
export async function copyText(text: string): Promise<void> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard
  if (clipboard !== undefined) {
    await clipboard.writeText(text)
    return
  }
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

interface CopyProps {
  text: string
  /** What is copied, for the button's name: `Copy ID`. */
  label: string
}

export function Copy({ text, label }: CopyProps) {
  const [done, setDone] = useState(false)
  return (
    <button
      type="button"
      className="btn btn-ghost btn-icon btn-sm"
      aria-label={done ? 'Copied' : label}
      title={label}
      onClick={() => {
        copyText(text).then(
          () => {
            setDone(true)
            setTimeout(() => setDone(false), 1500)
          },
          () => toast.error('The browser did not allow copying.'),
        )
      }}
    >
      {done ? <Check size={14} aria-hidden /> : <CopyIcon size={14} aria-hidden />}
    </button>
  )
}
