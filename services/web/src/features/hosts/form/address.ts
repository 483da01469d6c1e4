/** How an engine is reached: by which kind of address, and who may use it. */
export type Kind = 'unix' | 'tcp' | 'tls' | 'ssh'

export const SCHEMES: Record<Kind, string> = { unix: 'unix://', tcp: 'tcp://', tls: 'tcp://', ssh: 'ssh://' }

/** What a plain and what a TLS port of an engine usually is. */
const PORTS = { tcp: 2375, tls: 2376, ssh: 22 }
const ENGINE_SOCKET = '/var/run/docker.sock'
/** The kernel's limit for the path of a socket. */
const SOCKET_PATH_BYTES = 107

const AUTHORITY = /^(\[[0-9a-f:.%]+\]|[^\s:/?#@[\]]+)(?::(\d+))?$/i

/** An address is shown and typed without its scheme, which the kind says. */
export function withoutScheme(address: string): string {
  return address.replace(/^(unix|tcp|https?|ssh):\/\//, '')
}

/** What was typed or pasted: with a scheme of its own it also says the kind. */
export function readTyped(text: string, kind: Kind): { kind: Kind; address: string } {
  const trimmed = text.trimStart()
  const scheme = /^(unix|tcp|https?|ssh):\/\//.exec(trimmed)?.[1]
  if (scheme === undefined) return { kind, address: text }
  const address = withoutScheme(trimmed).trimEnd()
  if (scheme === 'unix' || scheme === 'ssh') return { kind: scheme, address }
  if (scheme === 'https') return { kind: 'tls', address }
  return { kind: scheme === 'tcp' && kind === 'tls' ? 'tls' : 'tcp', address }
}

/** The kind of a host that exists. */
export function kindOf(host: { address?: string | null | undefined; security: 'none' | 'tls' | 'ssh' }): Kind {
  if (host.address?.startsWith('ssh://') === true) return 'ssh'
  if (host.security !== 'none') return host.security
  return host.address?.startsWith('tcp://') === true ? 'tcp' : 'unix'
}

/** Why nothing can be reached at this address; undefined when it may be right. */
export function addressProblem(kind: Kind, typed: string): string | undefined {
  const address = typed.trim()
  if (kind === 'unix') return socketProblem(address)
  if (address === '') return kind === 'ssh' ? 'Write who signs in where, as deploy@192.0.2.10.' : 'Write the host and its port, as 192.0.2.10:2376.'
  if (kind === 'ssh') return sshProblem(address)
  if (address.includes('@')) return 'Write the host and its port only: there is no user in this address.'
  return authorityProblem(address.replace(/\/$/, ''))
}

function socketProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'Write the whole path, beginning with “/”.'
  if (/\s/.test(path)) return 'The path has a space or a line break in it.'
  if (new TextEncoder().encode(path).length > SOCKET_PATH_BYTES) return `The path is longer than ${SOCKET_PATH_BYTES} bytes, which no socket can have.`
  return undefined
}

function sshProblem(address: string): string | undefined {
  const { user, authority, path } = sshParts(address)
  if (user === '') return 'Write who signs in, too: user@host.'
  if (user.includes(':')) return 'Passwords are not used: write user@host, and give a private key below.'
  if (/[\s/]/.test(user)) return 'There is a space or a “/” in the user’s name.'
  return authorityProblem(authority) ?? (path === '' ? undefined : socketProblem(path))
}

function authorityProblem(authority: string): string | undefined {
  const [, host, port] = AUTHORITY.exec(authority) ?? []
  if (host === undefined) {
    const v6 = /^[0-9a-f]*:[0-9a-f:]+$/i.test(authority)
    return v6 ? `Write an IPv6 address in brackets: [${authority}].` : 'This is no host and port. Write it as 192.0.2.10:2376 or docker.example.com:2376.'
  }
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return 'A port is a number from 1 to 65535.'
  return undefined
}

function sshParts(address: string): { user: string; authority: string; path: string } {
  const slash = address.indexOf('/', address.lastIndexOf('@') + 1)
  const path = slash === -1 ? '' : address.slice(slash)
  const front = slash === -1 ? address : address.slice(0, slash)
  const at = front.lastIndexOf('@')
  return { user: front.slice(0, Math.max(0, at)), authority: front.slice(at + 1), path }
}

/** The whole address of what was typed, with the usual port where none was. */
export function wholeAddress(kind: Kind, typed: string): string {
  const address = typed.trim()
  if (kind === 'unix') return SCHEMES.unix + address
  if (kind === 'ssh') {
    const { user, authority, path } = sshParts(address)
    return `${SCHEMES.ssh}${user}@${withPort(authority, PORTS.ssh)}${path === '' ? ENGINE_SOCKET : path}`
  }
  return SCHEMES[kind] + withPort(address.replace(/\/$/, ''), PORTS[kind])
}

function withPort(authority: string, usual: number): string {
  const [, host, port] = AUTHORITY.exec(authority) ?? []
  return host === undefined ? authority : `${host.toLowerCase()}:${Number(port ?? usual)}`
}

/** The host's name in what was typed, for commands that a person is shown. */
export function hostName(typed: string): string | undefined {
  const { authority } = sshParts(withoutScheme(typed.trim()))
  return AUTHORITY.exec(authority)?.[1]?.replace(/^\[|\]$/g, '')
}
