import { z } from 'zod'

const stored = z.object({ exec: z.string(), title: z.string() })

/** A program that a terminal of this tab has started. */
export type TerminalSession = z.infer<typeof stored>

const key = (host: string, id: string) => `dockline.terminal ${host}/${id}`

/** What ran in this tab's terminal of a container, also after the page was loaded again; null when there was nothing. */
export function storedSession(host: string, id: string): TerminalSession | null {
  try {
    const parsed = stored.safeParse(JSON.parse(sessionStorage.getItem(key(host, id)) ?? 'null'))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

export function storeSession(host: string, id: string, session: TerminalSession | null): void {
  try {
    if (session === null) sessionStorage.removeItem(key(host, id))
    else sessionStorage.setItem(key(host, id), JSON.stringify(session))
  } catch {
    // Without storage the terminal does not outlive the page.
  }
}
