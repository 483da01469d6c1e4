import { Text } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { diagnosticsOf, type Mark } from './marks'

const text = Text.of(['services:', '  web:', '    image: 7', ''])
const spans = (...marks: Mark[]) => diagnosticsOf(text, marks).map(({ from, to }) => text.sliceString(from, to))

describe('marks', () => {
  it('reach from the column, or from the first letter, to the end of the line', () => {
    expect(spans({ line: 3, column: 12, message: '' })).toEqual(['7'])
    expect(spans({ line: 3, message: '' })).toEqual(['image: 7'])
  })

  it('stay in the text, whatever line and column are said', () => {
    expect(spans({ line: 99, column: 5, message: '' })).toEqual([''])
    expect(spans({ line: 2, column: 99, message: '' })).toEqual([''])
  })

  it('of no line are for the whole, and the others come in their order', () => {
    expect(spans({ message: 'all of it' }, { line: 2, message: '' }, { line: 1, message: '' })).toEqual(['services:', 'web:'])
  })
})
