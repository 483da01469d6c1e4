import type { Schema } from '@/api/client'
import { splitWords } from '@/format/words'
import { filledPairs, recordOf, type Pair } from '@/ui/PairsField'

export type NewContainer = Schema<'CreateContainer'>
export type RestartName = Schema<'RestartName'>

/** A container while it is described, as it is typed. */
export interface ContainerForm {
  host: string
  image: string
  name: string
  start: boolean
  command: string
  entrypoint: string
  workdir: string
  user: string
  hostname: string
  env: Pair[]
  labels: Pair[]
  /** Lines as `docker run -p` takes them. */
  ports: string
  /** Lines as `docker run -v` takes them. */
  mounts: string
  networks: string
  restart: RestartName
  memory: string
  cpus: string
  pids: string
  stopTimeout: string
  health: string
  init: boolean
  tty: boolean
  readOnly: boolean
  capDrop: string
  /** What reaches the host. */
  networkMode: string
  pidMode: string
  ipcMode: string
  privileged: boolean
  capAdd: string
  devices: string
  securityOptions: string
}

export function emptyForm(host: string, image: string): ContainerForm {
  return {
    host,
    image,
    name: '',
    start: true,
    command: '',
    entrypoint: '',
    workdir: '',
    user: '',
    hostname: '',
    env: [],
    labels: [],
    ports: '',
    mounts: '',
    networks: '',
    restart: 'no',
    memory: '',
    cpus: '',
    pids: '',
    stopTimeout: '',
    health: '',
    init: false,
    tty: false,
    readOnly: false,
    capDrop: '',
    networkMode: '',
    pidMode: '',
    ipcMode: '',
    privileged: false,
    capAdd: '',
    devices: '',
    securityOptions: '',
  }
}

export type FormField = keyof ContainerForm
export type Problems = Partial<Record<FormField, string>>

/** What is typed as the request, or what is wrong with it by field. */
export function readForm(form: ContainerForm): { container: NewContainer } | { problems: Problems } {
  const problems: Problems = {}
  const read = <Value>(field: FormField, value: Value | Wrong): Value | undefined => {
    if (!(value instanceof Wrong)) return value
    problems[field] = value.why
    return undefined
  }
  if (form.host === '') problems.host = 'Choose a host.'
  if (form.image.trim() === '') problems.image = 'Name an image that is on the host.'
  if (form.name !== '' && !NAME.test(form.name)) problems.name = 'Use 2 to 128 letters, digits, “_”, “.” or “-”, beginning with a letter or digit.'
  if (form.workdir !== '' && !form.workdir.startsWith('/')) problems.workdir = 'Write an absolute path.'
  const nameless = filledPairs(form.env).some(({ key }) => key.trim() === '' || key.includes('='))
  if (nameless) problems.env = 'Every variable has a name, without “=”.'
  const command = read('command', words(form.command))
  const entrypoint = read('entrypoint', words(form.entrypoint))
  const ports = read('ports', each(form.ports, parsePort))
  const mounts = read('mounts', each(form.mounts, parseMount))
  const devices = read('devices', each(form.devices, parseDevice))
  const memory = read('memory', parseBytes(form.memory))
  const cpus = read('cpus', parseNumber(form.cpus))
  const pids = read('pids', parseNumber(form.pids))
  const stopTimeout = read('stopTimeout', parseNumber(form.stopTimeout))
  if (Object.keys(problems).length > 0) return { problems }
  const container: NewContainer = {
    host: form.host,
    image: form.image.trim(),
    name: text(form.name),
    start: form.start,
    command: command?.length === 0 ? null : command,
    entrypoint: entrypoint?.length === 0 ? null : entrypoint,
    env: filledPairs(form.env).map(({ key, value }) => ({ name: key.trim(), value })),
    working_dir: text(form.workdir),
    user: text(form.user),
    hostname: text(form.hostname),
    labels: recordOf(form.labels),
    ports,
    mounts,
    networks: list(form.networks).map((name) => ({ name })),
    restart_policy: form.restart === 'no' ? null : { name: form.restart },
    memory_bytes: memory,
    cpus,
    pids_limit: pids,
    stop_timeout: stopTimeout,
    health_check: form.health.trim() === '' ? null : { shell: form.health.trim() },
    init: form.init || null,
    tty: form.tty,
    read_only_rootfs: form.readOnly,
    cap_drop: list(form.capDrop),
    network_mode: text(form.networkMode),
    pid_mode: text(form.pidMode),
    ipc_mode: text(form.ipcMode),
    privileged: form.privileged,
    cap_add: list(form.capAdd),
    devices,
    security_options: list(form.securityOptions),
  }
  return { container }
}

/** The form's field that the server means by its own. */
const FIELDS: Record<string, FormField> = {
  working_dir: 'workdir',
  restart_policy: 'restart',
  memory_bytes: 'memory',
  pids_limit: 'pids',
  stop_timeout: 'stopTimeout',
  health_check: 'health',
  cap_drop: 'capDrop',
  network_mode: 'networkMode',
  pid_mode: 'pidMode',
  ipc_mode: 'ipcMode',
  cap_add: 'capAdd',
  security_options: 'securityOptions',
}

/** `ports[0].host_port` belongs to the ports. */
export function fieldOf(server: string, form: ContainerForm): FormField | undefined {
  const first = server.split(/[.[]/)[0] ?? ''
  const named = FIELDS[first] ?? first
  return named in form ? (named as FormField) : undefined
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/

class Wrong {
  readonly why: string

  constructor(why: string) {
    this.why = why
  }
}

const text = (value: string): string | null => (value.trim() === '' ? null : value.trim())
const list = (value: string): string[] => value.split(/[\s,]+/).filter((word) => word !== '')
const words = (line: string): string[] | Wrong => splitWords(line) ?? new Wrong('A quote is not closed.')

function each<Item>(lines: string, parse: (line: string) => Item | Wrong): Item[] | Wrong {
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
function parsePort(line: string): Port | Wrong {
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

type Mount = NonNullable<NewContainer['mounts']>[number]

/** `data:/var/lib`, `/srv:/srv:ro`, `tmpfs:/tmp`, `/cache` for a volume without a name. */
function parseMount(line: string): Mount | Wrong {
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
function parseDevice(line: string): Device | Wrong {
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
