import { describe, expect, it } from 'vitest'
import { pastedVariables, plainValuesOf, valuesOf, variablesOf, withMore } from './variables'

describe('variables', () => {
  const known = variablesOf([
    { name: 'TAG', value: '1.4' },
    { name: 'PASSWORD', value: null },
  ])

  it('keep what is stored unless it is written anew', () => {
    expect(valuesOf(known)).toEqual({ TAG: '1.4', PASSWORD: null })
    expect(valuesOf(known.map((variable) => ({ ...variable, value: 'x' })))).toEqual({ TAG: 'x', PASSWORD: 'x' })
    expect(plainValuesOf(known)).toEqual({ TAG: '1.4', PASSWORD: '' })
  })

  it('are not sent without a name', () => {
    expect(valuesOf([{ row: 0, name: ' ', value: 'x', stored: false }])).toEqual({})
  })

  it('are pasted as a file has them', () => {
    expect(pastedVariables('# the shop\nTAG=1.5\nexport NAME = "a=b"\n\nEMPTY=')).toEqual([
      { name: 'TAG', value: '1.5' },
      { name: 'NAME', value: 'a=b' },
      { name: 'EMPTY', value: '' },
    ])
    expect(pastedVariables('TAG')).toBeNull()
    expect(pastedVariables('')).toBeNull()
  })

  it('are replaced by name, and new ones come last', () => {
    const all = withMore([...known, { row: 2, name: '', value: '', stored: false }], [
      { name: 'PASSWORD', value: 'new' },
      { name: 'PORT', value: '80' },
    ])
    expect(all.map(({ name, value, stored }) => [name, value, stored])).toEqual([
      ['TAG', '1.4', false],
      ['PASSWORD', 'new', false],
      ['PORT', '80', false],
    ])
    expect(new Set(all.map(({ row }) => row)).size).toBe(3)
  })
})
