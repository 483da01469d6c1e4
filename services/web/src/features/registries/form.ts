import type { NewRegistry, Registry, RegistryChange } from './api/registries'

export interface RegistryForm {
  address: string
  kind: Registry['secret']
  username: string
  /** The password or the token; empty keeps what is stored. */
  secret: string
}

export type Problems = Partial<Record<keyof RegistryForm, string>>

export function formOf(registry: Registry | undefined): RegistryForm {
  return { address: registry?.address ?? '', kind: registry?.secret ?? 'password', username: registry?.username ?? '', secret: '' }
}

/** What is stored cannot be sent to another address, nor be told by another name. */
export function needsSecret(form: RegistryForm, stored: Registry | undefined): boolean {
  return stored === undefined || form.address.trim() !== stored.address || form.kind !== stored.secret || form.username.trim() !== (stored.username ?? '')
}

export function problemsOf(form: RegistryForm, stored: Registry | undefined): Problems {
  const problems: Problems = {}
  if (!/^[^\s/]+(\/.*)?$|^https?:\/\/\S+$/.test(form.address.trim())) problems.address = 'Write the registry’s host, with its port where it has one.'
  if (form.kind === 'password' && form.username.trim() === '') problems.username = 'Write the user’s name.'
  if (form.secret === '' && needsSecret(form, stored)) problems.secret = form.kind === 'password' ? 'Write the password.' : 'Write the token.'
  return problems
}

/** All of it, as for a registry that is not there yet. */
export function writtenOf(form: RegistryForm): NewRegistry {
  const address = form.address.trim()
  return form.kind === 'password' ? { address, username: form.username.trim(), password: form.secret } : { address, identity_token: form.secret }
}

/** Only what is another than before. */
export function changeOf(form: RegistryForm, stored: Registry): RegistryChange {
  const written = writtenOf(form)
  if (form.secret !== '') return written
  return written.address === stored.address ? {} : { address: written.address }
}

const FIELDS: Record<string, keyof RegistryForm> = { address: 'address', username: 'username', password: 'secret', identity_token: 'secret' }

/** The part of the form to which a field of the server belongs. */
export function fieldOf(field: string): keyof RegistryForm | undefined {
  return FIELDS[field]
}
