import type { Host, HostSsh, HostTls, HostUpdate, NewHost, TryHost } from '../api/contract'
import { addressProblem, kindOf, wholeAddress, withoutScheme, type Kind } from './address'
import { labelProblems, labelRows, labelsOf, sameLabels, type LabelRow } from './labels'
import { hostKey, hostKeyProblem, pemProblem } from './pem'

/** What stands in the form; everything as it was typed. */
export interface HostForm {
  id: string
  kind: Kind
  /** Without its scheme. */
  address: string
  ca: string
  certificate: string
  key: string
  privateKey: string
  hostKey: string
  labels: LabelRow[]
  /** Enter the secrets anew, although some are stored. */
  replace: boolean
}

/** The fields that have a place for an error, by the server's names. */
export const FIELDS = ['id', 'address', 'tls', 'tls.ca', 'tls.certificate', 'tls.key', 'ssh', 'ssh.private_key', 'ssh.host_key', 'labels'] as const
export type FieldName = (typeof FIELDS)[number]
export type Problems = Partial<Record<FieldName, string>>

const EMPTY: HostForm = {
  id: '',
  kind: 'unix',
  address: '',
  ca: '',
  certificate: '',
  key: '',
  privateKey: '',
  hostKey: '',
  labels: [],
  replace: false,
}

/** The form of a host that exists, or of one to come. */
export function formOf(host: Host | null): HostForm {
  if (host === null) return EMPTY
  const address = withoutScheme(host.address ?? '')
  return { ...EMPTY, id: host.id, kind: kindOf(host), address, labels: labelRows(host.labels) }
}

/**
 * Whether secrets are not needed, are to be entered, or are stored already. They are missing where the settings name an
 * SSH host, whose key can only be given here.
 */
export function secretEntry(form: HostForm, host: Host | null): 'none' | 'enter' | 'stored' | 'missing' {
  if (form.kind === 'unix' || form.kind === 'tcp') return 'none'
  if (host === null || form.replace || form.kind !== kindOf(host) || addressChanged(form, host)) return 'enter'
  return host.security === form.kind ? 'stored' : 'missing'
}

/** Whether the form still says how the host is reached already. */
export function sameConnection(form: HostForm, host: Host): boolean {
  return form.kind === kindOf(host) && secretEntry(form, host) !== 'enter' && !addressChanged(form, host)
}

export function addressChanged(form: HostForm, host: Host): boolean {
  return wholeAddress(form.kind, form.address) !== wholeAddress(kindOf(host), withoutScheme(host.address ?? ''))
}

export function idProblem(id: string): string | undefined {
  if (id === 'test') return 'This word is not free: the API has another use for it.'
  return /^[a-z0-9][a-z0-9-]{0,62}$/.test(id) ? undefined : 'Use 1 to 63 lower-case letters, digits or “-”, beginning with a letter or digit.'
}

/** What must be right before the engine can be tried. */
export function connectionProblems(form: HostForm, host: Host | null): Problems {
  const problems: Problems = {}
  const note = (field: FieldName, problem: string | undefined) => {
    if (problem !== undefined) problems[field] = problem
  }
  note('address', addressProblem(form.kind, form.address))
  if (secretEntry(form, host) !== 'enter') return problems
  if (form.kind === 'tls') {
    note('tls.ca', pemProblem(form.ca, 'certificate'))
    note('tls.certificate', pemProblem(form.certificate, 'certificate'))
    note('tls.key', pemProblem(form.key, 'tls-key'))
  } else {
    note('ssh.private_key', pemProblem(form.privateKey, 'ssh-key'))
    note('ssh.host_key', hostKeyProblem(form.hostKey))
  }
  return problems
}

/** What must be right before it can be saved. Labels have their problems at their rows. */
export function problemsOf(form: HostForm, host: Host | null): Problems {
  const problems = connectionProblems(form, host)
  const id = host === null ? idProblem(form.id) : undefined
  return id === undefined ? problems : { id, ...problems }
}

export function hasProblems(form: HostForm, host: Host | null): boolean {
  return Object.keys(problemsOf(form, host)).length > 0 || labelProblems(form.labels).size > 0
}

function secretsOf(form: HostForm): { tls?: HostTls; ssh?: HostSsh } {
  if (form.kind === 'tls') return { tls: { ca: lines(form.ca), certificate: lines(form.certificate), key: lines(form.key) } }
  if (form.kind === 'ssh') return { ssh: { private_key: lines(form.privateKey), host_key: hostKey(form.hostKey) } }
  return {}
}

/** A key that lacks its last line break is refused by some readers. */
function lines(pem: string): string {
  return `${pem.replaceAll('\r\n', '\n').trim()}\n`
}

export function newHost(form: HostForm): NewHost {
  return { id: form.id, address: wholeAddress(form.kind, form.address), labels: labelsOf(form.labels), ...secretsOf(form) }
}

/** How to reach the engine; it can be tried before it has a name. */
export function hostToTry(form: HostForm): TryHost {
  const id = idProblem(form.id) === undefined ? { id: form.id } : {}
  return { ...id, address: wholeAddress(form.kind, form.address), ...secretsOf(form) }
}

/** Only what is different; nothing when nothing is. */
export function changeOf(form: HostForm, host: Host): HostUpdate {
  const labels = labelsOf(form.labels)
  const change: HostUpdate = secretEntry(form, host) === 'enter' ? secretsOf(form) : {}
  if (form.kind === 'tcp' && host.security === 'tls') change.tls = null
  if (addressChanged(form, host)) change.address = wholeAddress(form.kind, form.address)
  if (!sameLabels(labels, host.labels)) change.labels = labels
  return change
}
