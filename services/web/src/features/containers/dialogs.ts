import { useSyncExternalStore } from 'react'
import type { Container } from './model'

export type DialogKind = 'kill' | 'remove' | 'rename' | 'limits' | 'commit' | 'recreate'

export interface OpenDialog {
  kind: DialogKind
  container: Container
}

let current: OpenDialog | null = null
const listeners = new Set<() => void>()

/** Asks before something is lost; menus, pages and the palette open the same dialogs. */
export function openDialog(dialog: OpenDialog | null): void {
  current = dialog
  for (const listener of listeners) listener()
}

export function useOpenDialog(): OpenDialog | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
