/** So much is held by the page at once; what is more lies with the browser, which puts it on disk. */
const PIECE_BYTES = 16 * 1024 * 1024

/** The body of an answer, however long, as something that the browser can save; tells meanwhile how many bytes there are. */
export async function collect(response: Response, onBytes: (bytes: number) => void): Promise<Blob> {
  const pieces: Blob[] = []
  let open: Uint8Array<ArrayBuffer>[] = []
  let held = 0
  let total = 0
  const seal = () => {
    pieces.push(new Blob(open))
    open = []
    held = 0
  }
  const reader = response.body?.getReader()
  for (;;) {
    const part = await reader?.read()
    if (part === undefined || part.done) break
    open.push(part.value)
    held += part.value.length
    total += part.value.length
    if (held >= PIECE_BYTES) seal()
    onBytes(total)
  }
  seal()
  return new Blob(pieces, { type: response.headers.get('content-type') ?? 'application/octet-stream' })
}
