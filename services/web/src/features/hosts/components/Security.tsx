import { HardDrive, Lock, ShieldAlert } from 'lucide-react'
import type { Host } from '../api/contract'
import { kindOf, type Kind } from '../form/address'
import { KIND_WORDS } from '../model'

const MEANS: Record<Kind, string> = {
  unix: 'A socket of the machine that Dockline runs on',
  tcp: 'Neither encrypted nor protected: whoever reaches the port controls the host',
  tls: 'Encrypted, and both sides prove who they are',
  ssh: 'Through an SSH connection',
}

/** How the way to a host's engine is protected. */
export function Security({ host }: { host: Host }) {
  const kind = kindOf(host)
  const Icon = kind === 'tcp' ? ShieldAlert : kind === 'unix' ? HardDrive : Lock
  return (
    <span className={`dl-security ${kind === 'tcp' ? 'dl-tone-amber dl-tone-text' : 'dl-dim'}`} title={MEANS[kind]}>
      <Icon size={12} aria-hidden /> {KIND_WORDS[kind]}
    </span>
  )
}
