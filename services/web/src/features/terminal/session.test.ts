import { afterEach, describe, expect, it } from 'vitest'
import { storedSession, storeSession } from './session'

afterEach(() => sessionStorage.clear())

describe('stored sessions', () => {
  it('are kept per container and host', () => {
    storeSession('local', 'c1', { exec: 'e1', title: 'shell' })
    expect(storedSession('local', 'c1')).toEqual({ exec: 'e1', title: 'shell' })
    expect(storedSession('other', 'c1')).toBeNull()
    storeSession('local', 'c1', null)
    expect(storedSession('local', 'c1')).toBeNull()
  })

  it('are nothing when something else stands there', () => {
    sessionStorage.setItem('dockline.terminal local/c1', '{"exec":1}')
    expect(storedSession('local', 'c1')).toBeNull()
    sessionStorage.setItem('dockline.terminal local/c1', 'not JSON')
    expect(storedSession('local', 'c1')).toBeNull()
  })
})
