import { messageOf } from '@/api/errors'
import { apiUrl, download } from '@/api/transfer'
import { save } from '@/ui/save'
import { toast } from '@/ui/toast'
import type { LogRow, RowSource } from './LogStore'

type LogFormat = 'text' | 'ndjson'

/** Downloads everything that the engine has stored, and says how that goes. */
export function downloadAll(container: { id: string; host: string; name: string }, format: LogFormat): void {
  const stop = new AbortController()
  toast.task(stored(container, format, stop.signal), {
    loading: 'Reading the whole log…',
    success: 'Downloaded',
    error: (error) => (stop.signal.aborted ? 'Download stopped' : messageOf(error)),
    onStop: () => stop.abort(),
  })
}

/** As the server streams it. */
async function stored({ id, host, name }: { id: string; host: string; name: string }, format: LogFormat, signal: AbortSignal): Promise<void> {
  const url = apiUrl(`/api/v1/containers/${id}/logs`, { host, format, tail: 'all' })
  const response = await download(url, signal)
  save(await response.blob(), `${name}.${format === 'text' ? 'log' : 'ndjson'}`)
}

/** The rows from `from` on as plain text, with their logs' names and the lines' times when these are shown. */
export function shownText(source: RowSource, from: number, times: boolean, names = false): string {
  const lines: string[] = []
  for (let index = from; index < source.end; index++) {
    const row = source.at(index)
    if (row !== undefined) lines.push(rowText(row, times, names))
  }
  return lines.join('\n') + (lines.length > 0 ? '\n' : '')
}

function rowText(row: LogRow, times: boolean, names: boolean): string {
  const name = names && row.place !== null ? `${row.place.name} | ` : ''
  if (row.kind === 'mark') return `--- ${name}${row.text}`
  if (row.kind === 'gap') return `--- ${name}${row.missing === null ? 'lines may be missing' : `${row.missing} lines missing`}`
  return name + (times ? `${row.time} ${row.text}` : row.text)
}

export function saveText(text: string, file: string): void {
  save(new Blob([text], { type: 'text/plain' }), file)
}
