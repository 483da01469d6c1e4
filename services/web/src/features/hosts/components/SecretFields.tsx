import { KeyRound } from 'lucide-react'
import { Copy } from '@/ui/Copy'
import type { Host } from '../api/contract'
import { hostName } from '../form/address'
import { addressChanged, secretEntry } from '../form/form'
import type { HostFormState } from '../form/useHostForm'
import { PemField } from './PemField'

interface SecretFieldsProps {
  state: HostFormState
  host: Host | null
}

/** The certificates or keys that the kind of connection needs. What is stored is never shown. */
export function SecretFields({ state, host }: SecretFieldsProps) {
  const { form, change } = state
  const entry = secretEntry(form, host)
  const tls = form.kind === 'tls'
  const whole = state.problem(tls ? 'tls' : 'ssh')
  if (entry === 'none') return null
  if (entry !== 'enter') {
    const stored = entry === 'stored'
    return (
      <div className="dl-stored">
        <KeyRound size={16} aria-hidden />
        <span>
          <strong>{tls ? 'Certificates and key' : 'Private key and host key'}</strong>{' '}
          <span className="dl-dim">{stored ? 'stored, not shown' : 'missing: there is no connection without them'}</span>
        </span>
        <button type="button" className="btn btn-secondary btn-sm" onClick={() => change({ replace: true })}>
          {stored ? 'Replace' : 'Enter'}
        </button>
      </div>
    )
  }
  const again = host !== null && host.security === form.kind && addressChanged(form, host)
  return (
    <>
      {again && (
        <p className="dl-note dl-tone-blue">
          The address is another, so {tls ? 'the certificates and the key' : 'the keys'} must be entered again: what is stored is sent nowhere else.
        </p>
      )}
      {whole !== undefined && (
        <div className="invalid-feedback" role="alert">
          {whole}
        </div>
      )}
      {tls ? <TlsFields {...state} /> : <SshFields {...state} />}
      {host !== null && form.replace && !again && host.security === form.kind && (
        <button type="button" className="btn btn-ghost btn-sm dl-keep" onClick={() => change({ replace: false }, 'tls', 'ssh')}>
          Keep what is stored
        </button>
      )}
    </>
  )
}

function TlsFields({ form, change, problem }: HostFormState) {
  return (
    <>
      <PemField
        label="CA certificate"
        hint="Of the authority that signed the engine’s certificate: ca.pem."
        placeholder="-----BEGIN CERTIFICATE-----"
        value={form.ca}
        onValue={(ca) => change({ ca }, 'tls', 'tls.ca')}
        error={problem('tls.ca')}
      />
      <PemField
        label="Client certificate"
        hint="By which the engine knows Dockline: cert.pem."
        placeholder="-----BEGIN CERTIFICATE-----"
        value={form.certificate}
        onValue={(certificate) => change({ certificate }, 'tls', 'tls.certificate')}
        error={problem('tls.certificate')}
      />
      <PemField
        label="Client key"
        hint="The private key of the client certificate: key.pem. It is stored encrypted and never shown again."
        placeholder="-----BEGIN PRIVATE KEY-----"
        secret
        value={form.key}
        onValue={(key) => change({ key }, 'tls', 'tls.key')}
        error={problem('tls.key')}
      />
    </>
  )
}

function SshFields({ form, change, problem }: HostFormState) {
  const command = `ssh-keyscan -t ed25519 ${hostName(form.address) ?? 'HOST'}`
  return (
    <>
      <PemField
        label="Private key"
        hint="Without a passphrase, for a user who may use Docker. It is stored encrypted and never shown again."
        placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
        secret
        value={form.privateKey}
        onValue={(privateKey) => change({ privateKey }, 'ssh', 'ssh.private_key')}
        error={problem('ssh.private_key')}
      />
      <PemField
        label="Host key"
        hint={
          <>
            By which Dockline knows the host, and refuses any other. <code>{command}</code> prints it <Copy text={command} label="Copy the command" />
          </>
        }
        placeholder="ssh-ed25519 AAAA…"
        rows={2}
        value={form.hostKey}
        onValue={(hostKey) => change({ hostKey }, 'ssh', 'ssh.host_key')}
        error={problem('ssh.host_key')}
      />
    </>
  )
}
