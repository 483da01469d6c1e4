import { describe, expect, it } from 'vitest'
import { matchesWords, sortedBy } from './sorting'

const items = [
  { name: 'b10', size: 5 },
  { name: 'b9', size: null },
  { name: 'a', size: 70 },
  { name: 'c', size: 5 },
]
const names = (sorted: typeof items) => sorted.map(({ name }) => name).join(' ')

describe('sortedBy', () => {
  it('compares numbers as numbers, and names break ties', () => {
    expect(names(sortedBy(items, ({ size }) => size, false, ({ name }) => name))).toBe('b10 c a b9')
  })
  it('keeps what is not known at the end', () => {
    expect(names(sortedBy(items, ({ size }) => size, true, ({ name }) => name))).toBe('a b10 c b9')
  })
  it('reads numbers in names', () => {
    expect(names(sortedBy(items, ({ name }) => name, false, ({ name }) => name))).toBe('a b9 b10 c')
  })
})

describe('matchesWords', () => {
  it.each([
    [undefined, true],
    ['', true],
    ['NGINX 1.29', true],
    ['nginx web', false],
  ])('%s', (query, found) => {
    expect(matchesWords(query, ['nginx:1.29', null, 'local'])).toBe(found)
  })
})
