import { useRef, useState, type KeyboardEvent, type PointerEvent, type WheelEvent } from 'react'

/** Keys that mean «I want to read further up». */
const UP_KEYS = new Set(['ArrowUp', 'PageUp', 'Home'])

/**
 * Whether the view follows the newest line. Only what a person does breaks it off: at sixty
 * programmatic scrolls a second, a scroll event says nothing about anybody's wish.
 */
export function useFollow(onChange: (following: boolean) => void) {
  const [following, setFollowing] = useState(true)
  const now = useRef(true)
  const pressed = useRef<'bar' | 'text' | null>(null)
  const touchY = useRef(0)

  function set(next: boolean): void {
    if (now.current === next) return
    now.current = next
    setFollowing(next)
    onChange(next)
  }

  const intents = {
    onWheel: (event: WheelEvent) => {
      if (event.deltaY < 0) set(false)
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (UP_KEYS.has(event.key) || (event.key === ' ' && event.shiftKey)) set(false)
      if (event.key === 'End') set(true)
    },
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      const { clientWidth } = event.currentTarget
      const onBar = event.target === event.currentTarget && event.nativeEvent.offsetX >= clientWidth
      if (onBar || event.button === 1) set(false)
      else if (event.pointerType === 'mouse' && event.button === 0) pressed.current = 'text'
    },
    onPointerMove: (event: PointerEvent) => {
      // A selection must not run away under the hand.
      if (pressed.current === 'text' && event.buttons === 1 && (Math.abs(event.movementX) > 1 || Math.abs(event.movementY) > 1)) set(false)
    },
    onPointerUp: () => {
      pressed.current = null
    },
    onTouchStart: (event: React.TouchEvent) => {
      touchY.current = event.touches[0]?.clientY ?? 0
    },
    onTouchMove: (event: React.TouchEvent) => {
      if ((event.touches[0]?.clientY ?? 0) > touchY.current + 4) set(false)
    },
  }
  return { following, now, set, intents }
}
