import { authorizedFetch } from '@/api/client'
import { ApiError } from '@/api/errors'
import type { LogRow, RowSource } from './LogStore'

export type LogFormat = 'text' | 'ndjson'

/** Everything that the engine has stored, as the server streams it. */
export async function downloadAll(id: string, host: string, name: string, format: LogFormat, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ host, format, tail: 'all' })
  const url = new URL(`/api/v1/containers/${id}/logs?${query}`, location.origin)
  const response = await authorizedFetch(new Request(url, { signal }))
  if (!response.ok) throw await ApiError.from(response)
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

function save(blob: Blob, file: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = file
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
