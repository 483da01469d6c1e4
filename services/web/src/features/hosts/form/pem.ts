export type PemKind = 'certificate' | 'tls-key' | 'ssh-key'

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g

const BEGINS: Record<PemKind, string> = {
  certificate: '-----BEGIN CERTIFICATE-----',
  'tls-key': '-----BEGIN PRIVATE KEY-----',
  'ssh-key': '-----BEGIN OPENSSH PRIVATE KEY-----',
}

/** Why a text is not the certificate or key that is wanted; the server looks inside, this only at the wrapping. */
export function pemProblem(text: string, wanted: PemKind): string | undefined {
  if (text.trim() === '') return `Paste it, or choose its file. It begins with ${BEGINS[wanted]}.`
  const blocks = [...text.matchAll(BLOCK)].map(([, label = '', body = '']) => ({ label, body }))
  if (blocks.length === 0) {
    return text.includes('-----BEGIN ')
      ? 'Its end is missing: copy everything, up to and with the line “-----END …-----”.'
      : `This is not in PEM format: it must begin with ${BEGINS[wanted]}.`
  }
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'))
  if (wanted === 'certificate') {
    if (blocks.some(({ label }) => label === 'CERTIFICATE')) return undefined
    return keys.length > 0 ? 'This is a private key, not a certificate.' : `This is a ${kind(blocks[0])}, not a certificate.`
  }
  if (keys.length === 0) return `This is a ${kind(blocks[0])}, not a private key.`
  if (keys.some(({ label, body }) => label.startsWith('ENCRYPTED') || body.includes('ENCRYPTED'))) {
    return 'This key has a passphrase, for which nobody can be asked. Give a key without one.'
  }
  if (wanted === 'tls-key' && keys.some(({ label }) => label.startsWith('OPENSSH'))) return 'This is a key for SSH. TLS needs the key that belongs to the certificate.'
  return undefined
}

function kind(block: { label: string } | undefined): string {
  return (block?.label ?? '').toLowerCase()
}

const KEY_TYPE = /^(ssh-(ed25519|rsa|dss)|ecdsa-sha2-nistp(256|384|521)|sk-\S+)$/

/** The key in a line of `known_hosts` or of `ssh-keyscan`, without the host's name before it. */
export function hostKey(text: string): string {
  return keyLines(text)[0] ?? text.trim()
}

export function hostKeyProblem(text: string): string | undefined {
  if (text.trim() === '') return 'Paste the host’s public key: one line, as ssh-ed25519 AAAA…'
  if (text.includes('PRIVATE KEY')) return 'This is a private key. Here belongs the public key of the host.'
  const keys = keyLines(text)
  if (keys.length === 0) return 'This is no host key: it is one line, as ssh-ed25519 AAAA…'
  return keys.length > 1 ? `These are ${keys.length} keys. Keep the one that is to be trusted.` : undefined
}

function keyLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split(/\s+/))
    .map((words) => ({ words, type: words.findIndex((word) => KEY_TYPE.test(word)) }))
    .filter(({ words, type }) => type !== -1 && words[type + 1]?.startsWith('AAAA') === true)
    .map(({ words, type }) => words.slice(type, type + 2).join(' '))
}
