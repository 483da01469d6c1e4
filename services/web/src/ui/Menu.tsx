import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react'

export interface MenuItem {
  label: string
  icon?: ReactNode
  onSelect: () => void
  danger?: boolean
  disabled?: boolean
}

interface MenuProps {
  label: string
  /** An icon, or something that contains the label as text. */
  trigger: ReactNode
  triggerSaysLabel?: boolean
  triggerClass?: string
  items: (MenuItem | 'separator')[]
  align?: 'start' | 'end'
  /** Shown above the items, for example who is signed in. */
  header?: ReactNode
}

/** A button that opens a list of actions in the browser's top layer. */
export function Menu({ label, trigger, triggerSaysLabel = false, triggerClass = 'btn btn-ghost btn-icon', items, align = 'end', header }: MenuProps) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)

  function opened(open: boolean): void {
    button.current?.setAttribute('aria-expanded', String(open))
    if (!open || button.current === null || list.current === null) return
    place(list.current, button.current.getBoundingClientRect(), align)
    options(list.current)[0]?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (list.current === null) return
    const all = options(list.current)
    const target = next(event.key, all, all.indexOf(document.activeElement as HTMLElement))
    if (event.key === 'Tab') list.current.hidePopover()
    if (target === undefined) return
    event.preventDefault()
    target.focus()
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={triggerClass}
        aria-label={triggerSaysLabel ? undefined : label}
        aria-haspopup="menu"
        aria-expanded="false"
        popoverTarget={id}
      >
        {trigger}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label}
        className="dropdown-menu dl-menu"
        onKeyDown={onKeyDown}
        onToggle={(event) => {
          opened(event.newState === 'open')
        }}
      >
        {header}
        {items.map((item, index) =>
          item === 'separator' ? (
            <div key={`separator-${index}`} role="separator" className="dropdown-divider" />
          ) : (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              className={item.danger === true ? 'dropdown-item dl-danger' : 'dropdown-item'}
              disabled={item.disabled}
              onClick={() => {
                list.current?.hidePopover()
                item.onSelect()
              }}
            >
              {item.icon}
              {item.label}
            </button>
          ),
        )}
      </div>
    </>
  )
}

function options(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>('[role="menuitem"]:not(:disabled)')]
}

function next(key: string, all: HTMLElement[], current: number): HTMLElement | undefined {
  switch (key) {
    case 'ArrowDown':
      return all[(current + 1) % all.length]
    case 'ArrowUp':
      return all.at(current <= 0 ? -1 : current - 1)
    case 'Home':
      return all[0]
    case 'End':
      return all.at(-1)
    default:
      return undefined
  }
}

const GAP = 4

/** Below the button, or above it where there is no room; never outside the window. */
function place(list: HTMLElement, button: DOMRect, align: 'start' | 'end'): void {
  const { width, height } = list.getBoundingClientRect()
  const below = button.bottom + GAP
  const top = below + height > innerHeight ? Math.max(GAP, button.top - GAP - height) : below
  const wanted = align === 'end' ? button.right - width : button.left
  const left = Math.min(Math.max(GAP, wanted), innerWidth - width - GAP)
  list.style.top = `${top}px`
  list.style.left = `${left}px`
}
