/** How many colours there are; more logs than that share them. */
export const HUES = 8

export type PlacePhase = 'connecting' | 'live' | 'delayed' | 'stopped' | 'over' | 'failed'

/**
 * One of the logs that are shown together: a container, and whoever comes in its place when it is recreated. Rows hold
 * on to it, so that a name that becomes known later is shown with them.
 */
export interface Place {
  /** The first container's ID, or what was asked for and not found. */
  readonly key: string
  readonly host: string
  /** 1 to `HUES`. */
  readonly hue: number
  /** The container that is in it now. */
  id: string
  name: string
  stack: string | null
  phase: PlacePhase
  reason: string
}

/** The colour that fewest of the others have. */
export function freeHue(places: Iterable<Place>): number {
  const used = Array.from({ length: HUES }, () => 0)
  for (const { hue } of places) used[hue - 1] = (used[hue - 1] ?? 0) + 1
  return used.indexOf(Math.min(...used)) + 1
}
