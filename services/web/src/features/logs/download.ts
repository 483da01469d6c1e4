import { apiUrl, download } from '@/api/transfer'
import { save } from '@/ui/save'
import type { LogRow, RowSource } from './LogStore'

export type LogFormat = 'text' | 'ndjson'

/** Everything that the engine has stored, as the server streams it. */
export async function downloadAll(id: string, host: string, name: string, format: LogFormat, signal: AbortSignal): Promise<void> {
  const url = apiUrl(`/api/v1/containers/${id}/logs`, { host, format, tail: 'all' })
  const response = await download(url, signal)
  save(await response.blob(), `${name}.${format === 'text' ? 'log' : 'ndjson'}`)
}

/** The rows from `from` on as plain text, with the lines' times when they are shown. */
export function shownText(source: RowSource, from: number, times: boolean): string {
  const lines: string[] = []
  for (let index = from; index < source.end; index++) {
    const row = source.at(index)
    if (row !== undefined) lines.push(rowText(row, times))
  }
  return lines.join('\n') + (lines.length > 0 ? '\n' : '')
}

function rowText(row: LogRow, times: boolean): string {
  if (row.kind === 'mark') return `--- ${row.text}`
  if (row.kind === 'gap') return row.missing === null ? '--- lines may be missing' : `--- ${row.missing} lines missing`
  return times ? `${row.time} ${row.text}` : row.text
}

export function saveText(text: string, file: string): void {
  save(new Blob([text], { type: 'text/plain' }), file)
}
