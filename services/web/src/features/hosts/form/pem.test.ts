import { describe, expect, it } from 'vitest'
import { hostKey, hostKeyProblem, pemProblem, type PemKind } from './pem'

const block = (label: string, body = 'MIIB') => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`

describe('pemProblem', () => {
  it.each<[PemKind, string]>([
    ['certificate', block('CERTIFICATE')],
    ['certificate', `Certificate:\n  Data: …\n${block('CERTIFICATE')}${block('CERTIFICATE')}`],
    ['tls-key', block('PRIVATE KEY')],
    ['tls-key', block('RSA PRIVATE KEY')],
    ['tls-key', block('EC PARAMETERS') + block('EC PRIVATE KEY')],
    ['ssh-key', block('OPENSSH PRIVATE KEY')],
    ['ssh-key', block('RSA PRIVATE KEY')],
  ])('takes a %s', (kind, text) => expect(pemProblem(text, kind)).toBeUndefined())

  it.each<[PemKind, string, RegExp]>([
    ['certificate', ' \n', /Paste it/],
    ['certificate', 'MIIB', /not in PEM format/],
    ['certificate', '-----BEGIN CERTIFICATE-----\nMIIB', /end is missing/],
    ['certificate', block('PRIVATE KEY'), /private key, not a certificate/],
    ['certificate', block('PUBLIC KEY'), /public key, not a certificate/],
    ['tls-key', block('CERTIFICATE'), /certificate, not a private key/],
    ['tls-key', block('OPENSSH PRIVATE KEY'), /key for SSH/],
    ['tls-key', block('ENCRYPTED PRIVATE KEY'), /passphrase/],
    ['ssh-key', block('RSA PRIVATE KEY', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIB'), /passphrase/],
    ['ssh-key', block('PUBLIC KEY'), /public key, not a private key/],
  ])('refuses as a %s %j', (kind, text, problem) => expect(pemProblem(text, kind)).toMatch(problem))
})

describe('host keys', () => {
  const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEd'

  it.each([KEY, `192.0.2.10 ${KEY}\n`, `# 192.0.2.10:22 SSH-2.0-OpenSSH_9.2\n[192.0.2.10]:2222 ${KEY} comment`, `@cert-authority *.example.com ${KEY}`])(
    'are found in %j',
    (text) => {
      expect(hostKeyProblem(text)).toBeUndefined()
      expect(hostKey(text)).toBe(KEY)
    },
  )

  it.each([
    ['', /Paste/],
    ['SHA256:abc', /no host key/],
    ['ssh-ed25519', /no host key/],
    [block('OPENSSH PRIVATE KEY'), /private key/],
    [`a ${KEY}\na ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY`, /2 keys/],
  ])('are not %j', (text, problem) => expect(hostKeyProblem(text)).toMatch(problem))
})
