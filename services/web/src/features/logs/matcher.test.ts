import { describe, expect, it } from 'vitest'
import { matcher, type Pattern } from './matcher'

const pattern = (q: string, more: Partial<Pattern> = {}): Pattern => ({ q, regex: false, caseSensitive: false, invert: false, ...more })

describe('matcher', () => {
  it('finds every occurrence of a text', () => {
    expect(matcher(pattern('ab'))('xABxab')).toEqual([1, 3, 4, 6])
    expect(matcher(pattern('ab', { caseSensitive: true }))('xABxab')).toEqual([4, 6])
    expect(matcher(pattern('ab'))('nothing')).toBeNull()
  })

  it('takes special characters of a text literally', () => {
    expect(matcher(pattern('a.*'))('a.* axx')).toEqual([0, 3])
  })

  it('finds every match of an expression', () => {
    expect(matcher(pattern('\\d+', { regex: true }))('a1b22')).toEqual([1, 2, 3, 5])
    expect(matcher(pattern('ERROR', { regex: true, caseSensitive: true }))('error')).toBeNull()
  })

  it('keeps a line on an empty match, and comes to an end', () => {
    expect(matcher(pattern('x*', { regex: true }))('abc')).toEqual([])
  })

  it('keeps what does not match', () => {
    const without = matcher(pattern('debug', { invert: true }))
    expect(without('DEBUG x')).toBeNull()
    expect(without('INFO x')).toEqual([])
  })

  it('limits its marks', () => {
    expect(matcher(pattern('a'))('a'.repeat(1000))).toHaveLength(64)
  })

  it('refuses what is no expression', () => {
    expect(() => matcher(pattern('(', { regex: true }))).toThrow(SyntaxError)
  })
})
