import { describe, expect, it } from 'vitest'
import { localPath } from './localPath'
import { passwordProblem, passwordStrength, usernameProblem } from './password'

describe('passwords', () => {
  it('need twelve characters', () => {
    expect(passwordProblem('eleven char')).toMatch(/12/)
    expect(passwordProblem('twelve chars')).toBeUndefined()
    expect(passwordProblem('x'.repeat(257))).toMatch(/256/)
  })

  it('grow stronger with length and variety', () => {
    expect(['short', 'aaaaaaaaaaaaaaaa', 'abcdefabcdef', 'correct horse battery', 'Correct horse 4 battery!'].map(passwordStrength)).toEqual([
      0, 1, 1, 3, 4,
    ])
  })
})

describe('usernames', () => {
  it('follow the rule of the server', () => {
    for (const good of ['ada', 'a1', 'ada.l@example.com', '0x']) expect(usernameProblem(good)).toBeUndefined()
    for (const bad of ['', 'a', 'Ada', '-ada', 'a b', 'ä1', 'x'.repeat(65)]) expect(usernameProblem(bad)).toBeDefined()
  })
})

describe('localPath', () => {
  it('leads nowhere else', () => {
    expect(localPath('/containers?q=x')).toBe('/containers?q=x')
    for (const bad of [undefined, '', '//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      expect(localPath(bad)).toBe('/')
    }
  })
})
