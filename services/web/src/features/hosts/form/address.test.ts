import { describe, expect, it } from 'vitest'
import { addressProblem, hostName, kindOf, readTyped, wholeAddress, type Kind } from './address'

describe('addressProblem', () => {
  it.each<[Kind, string]>([
    ['unix', '/var/run/docker.sock'],
    ['tcp', '192.0.2.10:2375'],
    ['tcp', 'docker.example.com'],
    ['tls', '[2001:db8::1]:2376'],
    ['ssh', 'deploy@192.0.2.10'],
    ['ssh', 'deploy@[2001:db8::1]:2222/run/user/1000/docker.sock'],
    ['ssh', ' deploy@docker.example.com:22 '],
  ])('takes %s %s', (kind, address) => expect(addressProblem(kind, address)).toBeUndefined())

  it.each<[Kind, string, RegExp]>([
    ['unix', '', /beginning with/],
    ['unix', 'docker.sock', /beginning with/],
    ['unix', `/${'x'.repeat(107)}`, /107 bytes/],
    ['unix', `/${'ä'.repeat(54)}`, /107 bytes/],
    ['tcp', '', /host and its port/],
    ['tcp', '192.0.2.10:0', /1 to 65535/],
    ['tls', '192.0.2.10:65536', /1 to 65535/],
    ['tls', '2001:db8::1', /in brackets: \[2001:db8::1\]/],
    ['tcp', 'user@192.0.2.10:2375', /no user/],
    ['tcp', '192.0.2.10:2375/path', /no host and port/],
    ['ssh', '192.0.2.10', /who signs in/],
    ['ssh', 'deploy:secret@192.0.2.10', /Passwords/],
    ['ssh', 'deploy@192.0.2.10:99999', /1 to 65535/],
    ['ssh', 'deploy@', /no host and port/],
  ])('refuses %s %j', (kind, address, problem) => expect(addressProblem(kind, address)).toMatch(problem))
})

describe('wholeAddress', () => {
  it.each<[Kind, string, string]>([
    ['unix', ' /var/run/docker.sock', 'unix:///var/run/docker.sock'],
    ['tcp', '192.0.2.10', 'tcp://192.0.2.10:2375'],
    ['tls', 'Docker.example.com/', 'tcp://docker.example.com:2376'],
    ['tls', '[2001:db8::1]', 'tcp://[2001:db8::1]:2376'],
    ['tls', '192.0.2.10:02377', 'tcp://192.0.2.10:2377'],
    ['ssh', 'deploy@192.0.2.10', 'ssh://deploy@192.0.2.10:22/var/run/docker.sock'],
    ['ssh', 'deploy@192.0.2.10:2222/run/docker.sock', 'ssh://deploy@192.0.2.10:2222/run/docker.sock'],
  ])('of %s %s', (kind, typed, whole) => expect(wholeAddress(kind, typed)).toBe(whole))
})

describe('readTyped', () => {
  it('takes the kind from a scheme that was pasted with the address', () => {
    expect(readTyped('ssh://deploy@192.0.2.10', 'unix')).toEqual({ kind: 'ssh', address: 'deploy@192.0.2.10' })
    expect(readTyped('unix:///run/docker.sock\n', 'tcp')).toEqual({ kind: 'unix', address: '/run/docker.sock' })
    expect(readTyped('https://192.0.2.10:2376', 'tcp')).toEqual({ kind: 'tls', address: '192.0.2.10:2376' })
    expect(readTyped('tcp://192.0.2.10:2376', 'ssh')).toEqual({ kind: 'tcp', address: '192.0.2.10:2376' })
  })

  it('does not take the protection away from who chose it', () => {
    expect(readTyped('tcp://192.0.2.10:2376', 'tls')).toEqual({ kind: 'tls', address: '192.0.2.10:2376' })
  })

  it('leaves alone what has no scheme', () => {
    expect(readTyped('192.0.2.10 ', 'tls')).toEqual({ kind: 'tls', address: '192.0.2.10 ' })
  })
})

it('knows the kind of a host that exists', () => {
  expect(kindOf({ address: 'unix:///run/docker.sock', security: 'none' })).toBe('unix')
  expect(kindOf({ address: 'tcp://192.0.2.10:2375', security: 'none' })).toBe('tcp')
  expect(kindOf({ address: 'tcp://192.0.2.10:2376', security: 'tls' })).toBe('tls')
  expect(kindOf({ address: 'ssh://deploy@192.0.2.10', security: 'ssh' })).toBe('ssh')
  expect(kindOf({ address: 'ssh://deploy@192.0.2.10', security: 'none' }), 'of the settings, without a key yet').toBe('ssh')
})

it('finds the host in what is typed', () => {
  expect(['deploy@192.0.2.10:22/run/docker.sock', 'deploy@[2001:db8::1]:22', ''].map(hostName)).toEqual(['192.0.2.10', '2001:db8::1', undefined])
})
