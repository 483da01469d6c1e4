import { splitWords } from '@/format/words'
import type { NewContainer } from './form'

/** What could not be read, and why. */
export class Wrong {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

export const text = (value: string): string | null => (value.trim() === '' ? null : value.trim())
export const list = (value: string): string[] => value.split(/[\s,]+/).filter((word) => word !== '')
export const words = (line: string): string[] | Wrong => splitWords(line) ?? new Wrong('A quote is not closed.')

export function each<Item>(lines: string, parse: (line: string) => Item | Wrong): Item[] | Wrong {
  const items: Item[] = []
  for (const line of lines.split('\n').map((one) => one.trim())) {
    if (line === '') continue
    const item = parse(line)
    if (item instanceof Wrong) return new Wrong(`${line}: ${item.why}`)
    items.push(item)
  }
  return items
}

type Port = NonNullable<NewContainer['ports']>[number]

/** `8080:80`, `127.0.0.1:8080:80/udp`, `[::1]:53:53`, `80`. */
export function parsePort(line: string): Port | Wrong {
  const match = /^(?:(?:(\[[0-9a-f:]+\]|\d+\.\d+\.\d+\.\d+):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(line)
  if (match === null) return new Wrong('write it as 8080:80, 127.0.0.1:8080:80 or 80/udp.')
  const [, ip, host, inside, protocol = 'tcp'] = match
  const numbers = [host, inside].filter((number) => number !== undefined && number !== '').map(Number)
  if (numbers.some((number) => number < 1 || number > 65_535)) return new Wrong('ports are numbers from 1 to 65535.')
  return {
    container_port: Number(inside),
    protocol: protocol.toLowerCase() as NonNullable<Port['protocol']>,
    host_ip: ip?.replace(/[[\]]/g, '') ?? null,
    host_port: host === undefined || host === '' ? null : Number(host),
  }
}

type Network = NonNullable<NewContainer['networks']>[number]

/** `front`, `back: db, database`, `back: db 172.30.0.9`. */
export function parseNetwork(line: string): Network | Wrong {
  const at = line.indexOf(':')
  const name = (at === -1 ? line : line.slice(0, at)).trim()
  if (!/^[\w.-]+$/.test(name)) return new Wrong('write it as front, or with other names there as back: db, database.')
  const there = at === -1 ? [] : list(line.slice(at + 1))
  const addresses = there.filter((word) => ADDRESS.test(word))
  if (addresses.length > 1) return new Wrong('it has one address there.')
  return { name, aliases: there.filter((word) => !ADDRESS.test(word)), ip: addresses[0] ?? null }
}

/** Of either version; no name looks like one. */
const ADDRESS = /^(\d+(\.\d+){3}|[0-9a-f]*:[0-9a-f:]+)$/i

type Mount = NonNullable<NewContainer['mounts']>[number]

/** `data:/var/lib`, `/srv:/srv:ro`, `tmpfs:/tmp`, `/cache` for a volume without a name. */
export function parseMount(line: string): Mount | Wrong {
  const readOnly = /:(ro|rw)$/.exec(line)
  const parts = (readOnly === null ? line : line.slice(0, -3)).split(':')
  const target = parts.at(-1) ?? ''
  if (parts.length > 2 || !target.startsWith('/')) return new Wrong('write it as data:/path, /host/path:/path:ro, tmpfs:/path or /path.')
  const source = parts.length === 2 ? (parts[0] ?? '') : null
  const read_only = readOnly?.[1] === 'ro'
  if (source === 'tmpfs') return { kind: 'tmpfs', source: null, target, read_only }
  return { kind: source?.startsWith('/') === true ? 'bind' : 'volume', source, target, read_only }
}

type Device = NonNullable<NewContainer['devices']>[number]

/** `/dev/fuse`, `/dev/sda:/dev/disk:r`. */
export function parseDevice(line: string): Device | Wrong {
  const [host_path = '', container_path, permissions, ...more] = line.split(':')
  if (!host_path.startsWith('/') || more.length > 0) return new Wrong('write it as /dev/fuse or /dev/sda:/dev/disk:r.')
  return { host_path, container_path: container_path ?? null, permissions: permissions ?? null }
}

const UNITS: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** `512m`, `1.5 GiB`, a number of bytes; null where nothing is written. */
export function parseBytes(value: string): number | null | Wrong {
  if (value.trim() === '') return null
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(value.trim())
  if (match === null) return new Wrong('Write it as 512m or 1.5g.')
  return Math.round(Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 1))
}

export function parseNumber(value: string): number | null | Wrong {
  if (value.trim() === '') return null
  const number = Number(value)
  return Number.isFinite(number) && number >= 0 ? number : new Wrong('Write a number.')
}

/** Why something could not be read; null when it could. */
export function wrongWith(value: unknown): string | undefined {
  return value instanceof Wrong ? value.why : undefined
}
