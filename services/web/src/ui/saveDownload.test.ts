import { describe, expect, it } from 'vitest'
import { collect } from '@/api/collect'
import { progressText } from './saveDownload'

function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const reader = new FileReader()
    reader.onload = () => resolve(new Uint8Array(reader.result as ArrayBuffer))
    reader.readAsArrayBuffer(blob)
  })
}

describe('collect', () => {
  it('keeps every byte in order, whatever the pieces are', async () => {
    const piece = new Uint8Array(5 * 1024 * 1024)
    let sent = 0
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (sent === 8) return controller.close()
        controller.enqueue(piece.slice().fill(sent++))
      },
    })
    const told: number[] = []
    const blob = await collect(new Response(body, { headers: { 'content-type': 'application/x-tar' } }), (bytes) => told.push(bytes))
    expect(blob.type).toBe('application/x-tar')
    expect(told.at(-1)).toBe(8 * piece.length)
    const bytes = await bytesOf(blob)
    expect(Array.from({ length: 8 }, (_, at) => bytes[at * piece.length])).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('is empty without a body', async () => {
    expect((await collect(new Response(null), () => undefined)).size).toBe(0)
  })
})

describe('progressText', () => {
  it('names the whole where it is known', () => {
    expect(progressText(1024, 4096)).toBe('1.00 KiB of 4.00 KiB')
    expect(progressText(1024, 0)).toBe('1.00 KiB')
  })

  it('warns of what a browser may not bear', () => {
    expect(progressText(1024, 2 * 1024 ** 3)).toContain('collects it before it saves it')
    expect(progressText(2 * 1024 ** 3, 0)).toContain('collects it before it saves it')
  })
})
