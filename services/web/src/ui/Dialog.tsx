import { X } from 'lucide-react'
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react'

interface DialogProps {
  title: string
  onClose: () => void
  /** Turns the dialog into a form whose submit button stands in the footer. */
  onSubmit?: () => void
  footer?: ReactNode
  kind?: 'modal' | 'drawer'
  /** A click beside it does not close it: what was typed would be lost. */
  keepOpen?: boolean
  children: ReactNode
}

/** What is focused at the begin, the better before the worse; the browser itself would take the button that closes it. */
const FIRST = ['[data-autofocus]', '.dl-dialog-body :is(input, select, textarea):enabled', '.dl-dialog-foot button:enabled']

/**
 * A modal dialog, open while it is mounted. The browser's own element keeps the focus inside, makes
 * the rest inert, and gives the focus back. Mark what is to be focused first with `data-autofocus`.
 */
export function Dialog({ title, onClose, onSubmit, footer, kind = 'modal', keepOpen = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()

  useLayoutEffect(() => {
    const dialog = ref.current
    if (dialog === null) return
    dialog.showModal()
    const first = FIRST.map((selector) => dialog.querySelector<HTMLElement>(selector)).find((element) => element !== null)
    first?.focus()
    return () => {
      dialog.close()
    }
  }, [])

  const body = (
    <>
      <div className="dl-dialog-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" className="btn btn-ghost btn-icon btn-sm" aria-label="Close" onClick={onClose}>
          <X size={16} aria-hidden />
        </button>
      </div>
      <div className="dl-dialog-body">{children}</div>
      {footer !== undefined && <div className="dl-dialog-foot">{footer}</div>}
    </>
  )

  return (
    <dialog
      ref={ref}
      className={`dl-dialog dl-dialog-${kind}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current && !keepOpen) onClose()
      }}
    >
      {onSubmit === undefined ? (
        <div className="dl-dialog-frame">{body}</div>
      ) : (
        <form
          className="dl-dialog-frame"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            onSubmit()
          }}
        >
          {body}
        </form>
      )}
    </dialog>
  )
}
