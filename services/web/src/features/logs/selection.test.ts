import { describe, expect, it } from 'vitest'
import { containersParam, isWanted, parseSelection } from './selection'

const A = 'a'.repeat(64)

describe('selection', () => {
  it('reads what the address names, and leaves out what is nothing', () => {
    const selection = parseSelection({ c: `local:${A},bbbbbbbbbbbb,nonsense,Bad:cccccccccccc,`, stack: 'local/shop,shop' })
    expect(selection).toEqual({ containers: [{ host: 'local', id: A }, { host: null, id: 'bbbbbbbbbbbb' }], stacks: ['local/shop'] })
    expect(parseSelection({})).toEqual({ containers: [], stacks: [] })
  })

  it('writes short addresses that mean the same', () => {
    const param = containersParam([{ host: 'local', id: A }])
    expect(param).toBe('local:aaaaaaaaaaaa')
    const [wanted] = parseSelection({ c: param }).containers
    expect(wanted !== undefined && isWanted(wanted, { host: 'local', id: A })).toBe(true)
    expect(wanted !== undefined && isWanted(wanted, { host: 'other', id: A })).toBe(false)
  })
})
