import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
const COLORS = 256

/** The same picture in its 256 most frequent colours, which makes one of a page with letters less than half as large. */
export function withPalette(png: Buffer): Buffer {
  const { width, height, bytes, pixels } = decode(png)
  const counts = new Map<number, number>()
  const keys = new Uint32Array(width * height)
  for (let at = 0; at < keys.length; at++) {
    const key = pixels.readUIntBE(at * bytes, 3)
    keys[at] = key
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const palette = [...counts].sort(([, a], [, b]) => b - a).slice(0, COLORS).map(([key]) => key)
  const indexes = new Map([...counts.keys()].map((key) => [key, nearest(palette, key)]))
  const rows = Buffer.alloc((width + 1) * height)
  for (let at = 0; at < keys.length; at++) rows[at + Math.floor(at / width) + 1] = indexes.get(keys[at] ?? 0) ?? 0
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  const colors = Buffer.from(palette.flatMap((key) => [key >> 16, (key >> 8) & 255, key & 255]))
  const data = deflateSync(rows, { level: 9 })
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('PLTE', colors), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function nearest(palette: readonly number[], key: number): number {
  let best = 0
  let least = Infinity
  palette.forEach((color, index) => {
    const distance = [16, 8, 0].reduce((sum, shift) => sum + (((color >> shift) & 255) - ((key >> shift) & 255)) ** 2, 0)
    if (distance < least) [best, least] = [index, distance]
  })
  return best
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  size.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([size, body, check])
}

/** The pixels of a picture as browsers take them: 8 bits for each of 3 or 4 parts, not interlaced. */
function decode(png: Buffer): { width: number; height: number; bytes: number; pixels: Buffer } {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  const bytes = png[25] === 6 ? 4 : 3
  const parts: Buffer[] = []
  for (let at = SIGNATURE.length; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * bytes
  const pixels = Buffer.alloc(stride * height)
  for (let row = 0; row < height; row++) {
    const filter = raw[row * (stride + 1)]
    for (let column = 0; column < stride; column++) {
      const left = column < bytes ? 0 : (pixels[row * stride + column - bytes] ?? 0)
      const up = row === 0 ? 0 : (pixels[(row - 1) * stride + column] ?? 0)
      const corner = row === 0 || column < bytes ? 0 : (pixels[(row - 1) * stride + column - bytes] ?? 0)
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0
      pixels[row * stride + column] = (raw[row * (stride + 1) + column + 1] ?? 0) + guess
    }
  }
  return { width, height, bytes, pixels }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const [toLeft, toUp, toCorner] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)]
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}
