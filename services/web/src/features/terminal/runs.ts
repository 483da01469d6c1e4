import type { TerminalProgram } from '@/api/ws/TerminalSocket'
import type { TerminalRun } from './LiveTerminal'
import { storedSession } from './session'

const SHELL: TerminalProgram = { command: [], user: '', workdir: '' }
const runs = new Map<string, TerminalRun>()
let count = 0

/** What this page's terminal of a container is about: what was opened here, or what ran before the page was loaded again. */
export function currentRun(host: string, container: string): TerminalRun | null {
  const known = runs.get(`${host} ${container}`)
  const stored = storedSession(host, container)
  // Without a session there is nothing to return to, be it over or given up.
  if (stored === null) return null
  return known ?? begin({ host, container, program: SHELL, title: stored.title, session: stored.exec })
}

export function begin(run: Omit<TerminalRun, 'no'>): TerminalRun {
  const numbered = { ...run, no: ++count }
  runs.set(`${run.host} ${run.container}`, numbered)
  return numbered
}
