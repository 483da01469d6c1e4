import { describe, expect, it } from 'vitest'
import { testHost } from '../testHost'
import { changeOf, connectionProblems, formOf, hasProblems, hostToTry, newHost, problemsOf, secretEntry, type HostForm } from './form'
import { labelProblems } from './labels'

const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
const KEY = '-----BEGIN PRIVATE KEY-----\r\nMIIE\r\n-----END PRIVATE KEY-----'
const SECRETS = { ca: CERTIFICATE, certificate: `${CERTIFICATE}\n`, key: KEY }
const SENT = {
  ca: `${CERTIFICATE}\n`,
  certificate: `${CERTIFICATE}\n`,
  key: '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n',
}
const TLS = testHost({ address: 'tcp://192.0.2.10:2376', security: 'tls', labels: { role: 'web' } })

const form = (more: Partial<HostForm>): HostForm => ({ ...formOf(null), ...more })
const edited = (more: Partial<HostForm>): HostForm => ({ ...formOf(TLS), ...more })

describe('a new host', () => {
  it('is sent with what its kind needs, and nothing else', () => {
    const filled = { id: 'web-2', ...SECRETS, privateKey: 'left over', labels: [{ row: 0, key: ' env ', value: ' prod ' }] }
    expect(newHost(form({ ...filled, kind: 'tls', address: '192.0.2.11' }))).toEqual({
      id: 'web-2',
      address: 'tcp://192.0.2.11:2376',
      tls: SENT,
      labels: { env: 'prod' },
    })
    expect(newHost(form({ ...filled, kind: 'unix', address: '/run/docker.sock' }))).toEqual({
      id: 'web-2',
      address: 'unix:///run/docker.sock',
      labels: { env: 'prod' },
    })
    const ssh = newHost(form({ ...filled, kind: 'ssh', address: 'deploy@192.0.2.11', hostKey: '192.0.2.11 ssh-ed25519 AAAAC3\n' }))
    expect(ssh.ssh).toEqual({ private_key: 'left over\n', host_key: 'ssh-ed25519 AAAAC3' })
    expect(ssh.tls).toBeUndefined()
  })

  it('names everything that is wrong, by the server’s names', () => {
    expect(Object.keys(problemsOf(form({ id: 'Web', kind: 'tls' }), null))).toEqual(['id', 'address', 'tls.ca', 'tls.certificate', 'tls.key'])
    expect(Object.keys(problemsOf(form({ id: 'web', kind: 'ssh' }), null))).toEqual(['address', 'ssh.private_key', 'ssh.host_key'])
    expect(problemsOf(form({ id: 'web', kind: 'unix', address: '/run/docker.sock' }), null)).toEqual({})
  })

  it('can be tried before it has a name', () => {
    expect(connectionProblems(form({ address: '/run/docker.sock' }), null)).toEqual({})
    expect(hasProblems(form({ address: '/run/docker.sock' }), null)).toBe(true)
    expect(hostToTry(form({ id: 'Not yet', address: '/run/docker.sock' }))).toEqual({ address: 'unix:///run/docker.sock' })
    expect(hostToTry(form({ id: 'web', kind: 'tls', address: '192.0.2.10', ...SECRETS }))).toEqual({ id: 'web', address: 'tcp://192.0.2.10:2376', tls: SENT })
  })

  it('is not called as a path of the API', () => {
    expect(problemsOf(form({ id: 'test', address: '/run/docker.sock' }), null).id).toMatch(/not free/)
  })
})

describe('secrets', () => {
  it('are stored until something asks for them again', () => {
    expect(secretEntry(edited({}), TLS)).toBe('stored')
    expect(secretEntry(edited({ replace: true }), TLS)).toBe('enter')
    expect(secretEntry(edited({ address: '192.0.2.11:2376' }), TLS)).toBe('enter')
    expect(secretEntry(edited({ kind: 'ssh', address: 'deploy@192.0.2.10' }), TLS)).toBe('enter')
    expect(secretEntry(edited({ kind: 'tcp' }), TLS)).toBe('none')
    expect(secretEntry(form({ kind: 'tls' }), null)).toBe('enter')
  })

  it('stay where another spelling of the address is the same address', () => {
    const ssh = testHost({ address: 'ssh://deploy@192.0.2.10', security: 'ssh' })
    const same = { ...formOf(ssh), address: 'deploy@192.0.2.10:22/var/run/docker.sock' }
    expect(secretEntry(same, ssh)).toBe('stored')
    expect(changeOf(same, ssh)).toEqual({})
  })

  it('are missing where the settings name an SSH host', () => {
    const named = testHost({ address: 'ssh://deploy@192.0.2.10', origin: 'settings' })
    expect(secretEntry(formOf(named), named)).toBe('missing')
    expect(hasProblems(formOf(named), named), 'its labels can be changed all the same').toBe(false)
    expect(secretEntry({ ...formOf(named), replace: true }, named)).toBe('enter')
  })

  it('are forgotten when the protection is taken away', () => {
    expect(changeOf(edited({ kind: 'tcp' }), TLS)).toEqual({ tls: null })
    expect(changeOf(edited({ kind: 'tcp', address: '192.0.2.10:2375' }), TLS)).toEqual({ address: 'tcp://192.0.2.10:2375', tls: null })
    expect(changeOf(edited({ kind: 'unix', address: '/run/docker.sock' }), TLS)).toEqual({ address: 'unix:///run/docker.sock' })
  })

  it('are demanded again with another address', () => {
    const moved = edited({ address: '192.0.2.11:2376' })
    expect(Object.keys(problemsOf(moved, TLS))).toEqual(['tls.ca', 'tls.certificate', 'tls.key'])
    expect(changeOf({ ...moved, ...SECRETS }, TLS)).toEqual({ address: 'tcp://192.0.2.11:2376', tls: SENT })
  })
})

describe('a change', () => {
  it('is only what is different', () => {
    expect(changeOf(edited({}), TLS)).toEqual({})
    expect(changeOf(edited({ labels: [{ row: 0, key: 'role', value: 'db' }] }), TLS)).toEqual({ labels: { role: 'db' } })
    expect(changeOf(edited({ labels: [] }), TLS)).toEqual({ labels: {} })
    expect(changeOf(edited({ replace: true, ...SECRETS }), TLS)).toEqual({ tls: SENT })
  })
})

describe('labels', () => {
  const problems = (...labels: [string, string][]) => labelProblems(labels.map(([key, value], row) => ({ row, key, value })))

  it('follow the server’s rule', () => {
    expect(problems(['env', 'prod'], ['a.b/c_d-e', ''], ['', '']).size).toBe(0)
    const wrong = problems(['Env', 'x'], ['-a', 'x'], ['', 'x'], ['x'.repeat(64), ''], ['long', 'x'.repeat(129)], ['tab', 'a\tb'], ['twice', '1'], ['twice', '2'])
    expect([...wrong.keys()]).toEqual([0, 1, 2, 3, 4, 5, 7])
  })

  it('keep a host from being saved', () => {
    expect(hasProblems(edited({ labels: [{ row: 0, key: 'Env', value: '' }] }), TLS)).toBe(true)
  })
})
