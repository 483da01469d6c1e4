import { describe, expect, it } from 'vitest'
import type { Container } from '../model'
import { batches } from './bulk'

const container = (host: string, id: number) => ({ host, id: String(id) }) as Container

describe('batches', () => {
  it('keep hosts apart and to what the server takes at once', () => {
    const many = [...Array.from({ length: 250 }, (_, id) => container('a', id)), container('b', 1)]
    expect(batches(many).map(({ host, members }) => [host, members.length])).toEqual([
      ['a', 100],
      ['a', 100],
      ['a', 50],
      ['b', 1],
    ])
    expect(batches(many).flatMap(({ members }) => members)).toEqual(many)
  })
})
