import { describe, expect, it } from 'vitest'
import { crumbsOf, joined, nameIn, resolved } from './paths'

describe('paths', () => {
  it('are joined and taken apart', () => {
    expect(joined('/', 'etc')).toBe('/etc')
    expect(joined('/etc', 'hosts')).toBe('/etc/hosts')
    expect(nameIn('/etc/hosts')).toBe('hosts')
    expect(nameIn('/')).toBe('')
    expect(crumbsOf('/etc/ssl').map(({ path }) => path)).toEqual(['/', '/etc', '/etc/ssl'])
    expect(crumbsOf('/')).toEqual([{ label: '/', path: '/' }])
  })

  it.each([
    ['/usr/bin', '../lib/x', '/usr/lib/x'],
    ['/', '../../etc', '/etc'],
    ['/a', '/b/./c', '/b/c'],
    ['/a', 'b', '/a/b'],
  ])('a link in %s to %s leads to %s', (folder, target, path) => {
    expect(resolved(folder, target)).toBe(path)
  })
})
