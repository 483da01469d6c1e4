import { describe, expect, it } from 'vitest'
import type { Registry } from './api/registries'
import { changeOf, formOf, needsSecret, problemsOf, writtenOf } from './form'

const STORED: Registry = { id: 'r', address: 'registry.example.org:5000', username: 'ci', secret: 'password', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' }

describe('the form of a registry', () => {
  it('asks for everything of a new one', () => {
    expect(Object.keys(problemsOf(formOf(undefined), undefined)).sort()).toEqual(['address', 'secret', 'username'])
    expect(problemsOf({ address: 'docker.io', kind: 'identity_token', username: '', secret: 't' }, undefined)).toEqual({})
    expect(problemsOf({ address: 'https://index.docker.io/v1/', kind: 'password', username: 'me', secret: 'p' }, undefined)).toEqual({})
  })

  it('keeps the secret of one that stays what it is', () => {
    expect(problemsOf(formOf(STORED), STORED)).toEqual({})
    expect(changeOf(formOf(STORED), STORED)).toEqual({})
  })

  it('asks for the secret again where it would go elsewhere', () => {
    for (const change of [{ address: 'other.example.org' }, { username: 'me' }, { kind: 'identity_token' as const }]) {
      expect(needsSecret({ ...formOf(STORED), ...change }, STORED)).toBe(true)
    }
  })

  it('sends either a password with its name or a token', () => {
    const form = { ...formOf(STORED), secret: 's' }
    expect(writtenOf(form)).toEqual({ address: STORED.address, username: 'ci', password: 's' })
    expect(writtenOf({ ...form, kind: 'identity_token' })).toEqual({ address: STORED.address, identity_token: 's' })
  })
})
