import type { Tone } from '@/ui/Status'
import type { Recording } from './api/recordings'

/** What ran, as one would type it. */
export function commandOf({ command, readable }: Pick<Recording, 'command' | 'readable'>): string {
  if (!readable) return 'unknown'
  return command == null ? 'the container’s shell' : command.join(' ')
}

/** Ends in words; others appear by their name. */
const ENDS: Record<string, string> = {
  exited: 'exited',
  client_left: 'left',
  revoked: 'permission withdrawn',
  shutdown: 'Dockline ended',
  engine_lost: 'engine lost',
  recording_failed: 'could not be recorded any more',
  recording_full: 'recording full',
}

/** How it stands with a recording: a word and its colour. */
export function outcomeOf({ state, ended, exit_code }: Pick<Recording, 'state' | 'ended' | 'exit_code'>): { word: string; tone: Tone } {
  if (state === 'recording') return { word: 'recording', tone: 'blue' }
  if (state === 'unfinished') return { word: 'broken off', tone: 'amber' }
  if (ended === 'exited') return { word: `exited ${exit_code ?? ''}`.trim(), tone: (exit_code ?? 0) === 0 ? 'grey' : 'red' }
  return { word: ended == null ? 'finished' : (ENDS[ended] ?? ended), tone: ended === 'client_left' || ended == null ? 'grey' : 'amber' }
}
