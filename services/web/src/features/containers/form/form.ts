import type { Schema } from '@/api/client'
import { filledPairs, recordOf, type Pair } from '@/ui/PairsField'
import { each, list, parseBytes, parseDevice, parseMount, parseNetwork, parseNumber, parsePort, text, words, Wrong } from './parse'

export type NewContainer = Schema<'CreateContainer'>
export type RestartName = Schema<'RestartName'>
export type LogDriverName = Schema<'LogDriverName'>

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
  /** Lines: a network, and after a colon the container's other names and its address there. */
  networks: string
  restart: RestartName
  /** For `on-failure`. */
  retries: string
  memory: string
  cpus: string
  pids: string
  stopTimeout: string
  health: string
  healthInterval: string
  healthTimeout: string
  healthStart: string
  healthRetries: string
  /** No check, not the image's either. */
  healthOff: boolean
  init: boolean
  tty: boolean
  readOnly: boolean
  capDrop: string
  /** Empty for the engine's default. */
  logDriver: '' | LogDriverName
  logOptions: Pair[]
  /** What reaches the host. */
  networkMode: string
  pidMode: string
  ipcMode: string
  utsMode: string
  usernsMode: string
  privileged: boolean
  capAdd: string
  devices: string
  securityOptions: string
  cgroupParent: string
  sysctls: Pair[]
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
    retries: '',
    memory: '',
    cpus: '',
    pids: '',
    stopTimeout: '',
    health: '',
    healthInterval: '',
    healthTimeout: '',
    healthStart: '',
    healthRetries: '',
    healthOff: false,
    init: false,
    tty: false,
    readOnly: false,
    capDrop: '',
    logDriver: '',
    logOptions: [],
    networkMode: '',
    pidMode: '',
    ipcMode: '',
    utsMode: '',
    usernsMode: '',
    privileged: false,
    capAdd: '',
    devices: '',
    securityOptions: '',
    cgroupParent: '',
    sysctls: [],
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
  const networks = read('networks', each(form.networks, parseNetwork))
  const devices = read('devices', each(form.devices, parseDevice))
  const memory = read('memory', parseBytes(form.memory))
  const cpus = read('cpus', parseNumber(form.cpus))
  const pids = read('pids', parseNumber(form.pids))
  const stopTimeout = read('stopTimeout', parseNumber(form.stopTimeout))
  const retries = read('retries', parseNumber(form.retries))
  const check = readCheck(form, read)
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
    networks,
    restart_policy: form.restart === 'no' ? null : { name: form.restart, maximum_retry_count: form.restart === 'on-failure' ? (retries ?? 0) : 0 },
    memory_bytes: memory,
    cpus,
    pids_limit: pids,
    stop_timeout: stopTimeout,
    health_check: check,
    init: form.init || null,
    tty: form.tty,
    read_only_rootfs: form.readOnly,
    cap_drop: list(form.capDrop),
    log: form.logDriver === '' ? null : { driver: form.logDriver, options: recordOf(form.logOptions) },
    network_mode: text(form.networkMode),
    pid_mode: text(form.pidMode),
    ipc_mode: text(form.ipcMode),
    uts_mode: text(form.utsMode),
    userns_mode: text(form.usernsMode),
    privileged: form.privileged,
    cap_add: list(form.capAdd),
    devices,
    security_options: list(form.securityOptions),
    cgroup_parent: text(form.cgroupParent),
    sysctls: recordOf(form.sysctls),
  }
  return { container }
}

type Read = <Value>(field: FormField, value: Value | Wrong) => Value | undefined

function readCheck(form: ContainerForm, read: Read): NewContainer['health_check'] {
  if (form.healthOff) return { disabled: true }
  const numbers = {
    interval_seconds: read('healthInterval', parseNumber(form.healthInterval)),
    timeout_seconds: read('healthTimeout', parseNumber(form.healthTimeout)),
    start_period_seconds: read('healthStart', parseNumber(form.healthStart)),
    retries: read('healthRetries', parseNumber(form.healthRetries)),
  }
  return form.health.trim() === '' ? null : { shell: form.health.trim(), ...numbers }
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
  uts_mode: 'utsMode',
  userns_mode: 'usernsMode',
  cgroup_parent: 'cgroupParent',
  cap_add: 'capAdd',
  security_options: 'securityOptions',
}

/** Fields of which the form has several. */
const LONGER: readonly (readonly [string, FormField])[] = [
  ['restart_policy.maximum_retry_count', 'retries'],
  ['log.options', 'logOptions'],
  ['log', 'logDriver'],
  ['health_check.interval_seconds', 'healthInterval'],
  ['health_check.timeout_seconds', 'healthTimeout'],
  ['health_check.start_period_seconds', 'healthStart'],
  ['health_check.retries', 'healthRetries'],
]

/** `ports[0].host_port` belongs to the ports. */
export function fieldOf(server: string, form: ContainerForm): FormField | undefined {
  const longer = LONGER.find(([name]) => server.startsWith(name))
  if (longer !== undefined) return longer[1]
  const first = server.split(/[.[]/)[0] ?? ''
  const named = FIELDS[first] ?? first
  return named in form ? (named as FormField) : undefined
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/

