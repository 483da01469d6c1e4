import { useVirtualizer } from '@tanstack/react-virtual'
import type { RefObject } from 'react'

/** Up to this many rows a table is simply drawn whole. */
const WHOLE = 150
const ROW_PX = 36

/**
 * Which rows of a long table are in view, and the space that stands for the others. Rows of other heights than usual
 * have `measure` as their ref, and their place in the table as `data-index`.
 */
export function useWindowedRows(scroller: RefObject<HTMLElement | null> | undefined, count: number, keyOf?: (index: number) => string) {
  const enabled = scroller !== undefined && count > WHOLE
  // eslint-disable-next-line react-hooks/incompatible-library -- what it returns is used up in this render
  const virtual = useVirtualizer({
    count,
    enabled,
    getScrollElement: () => scroller?.current ?? null,
    estimateSize: () => ROW_PX,
    overscan: 12,
    ...(keyOf === undefined ? {} : { getItemKey: keyOf }),
  })
  if (!enabled) return { start: 0, end: count, before: 0, after: 0, measure: undefined }
  const rows = virtual.getVirtualItems()
  const first = rows[0]
  const last = rows.at(-1)
  return {
    start: first?.index ?? 0,
    end: (last?.index ?? -1) + 1,
    before: first?.start ?? 0,
    after: virtual.getTotalSize() - (last?.end ?? 0),
    measure: virtual.measureElement,
  }
}
