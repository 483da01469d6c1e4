import { collect } from '@/api/collect'
import { download } from '@/api/transfer'
import { bytes } from '@/format/numbers'
import { failureToast } from './failureToast'
import { save } from './save'
import { toast } from './toast'

/** A download that is over before that is not talked about. */
const SILENT_MS = 800
const TELL_EVERY_MS = 250
/** Beyond that, a browser without the room for it may give up. */
const LARGE_BYTES = 1024 ** 3

/** Fetches what the server streams and hands it to the browser to keep; tells how far it is, and what goes wrong. */
export async function saveDownload(url: URL, file: string): Promise<void> {
  const stop = new AbortController()
  const note = toast.ongoing(`Downloading ${file}`, { label: 'Stop', onClick: () => stop.abort() })
  let told = performance.now() + SILENT_MS - TELL_EVERY_MS
  try {
    const response = await download(url, stop.signal)
    // Absent where it is not known how much there will be.
    const total = Number(response.headers.get('content-length') ?? 0)
    const blob = await collect(response, (got) => {
      if (performance.now() - told < TELL_EVERY_MS) return
      told = performance.now()
      note.tell(progressText(got, total))
    })
    save(blob, file)
    note.end()
  } catch (error) {
    note.end()
    if (!stop.signal.aborted) failureToast(`Could not download ${file}`, error)
  }
}

/** `total` is 0 while nobody knows it. */
export function progressText(got: number, total: number): string {
  const far = total > got ? `${bytes(got)} of ${bytes(total)}` : bytes(got)
  return Math.max(got, total) > LARGE_BYTES ? `${far}. The browser collects it before it saves it, which takes the room twice.` : far
}
