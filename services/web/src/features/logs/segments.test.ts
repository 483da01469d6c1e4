import { describe, expect, it } from 'vitest'
import { segments } from './segments'

const ESC = String.fromCharCode(27)

describe('segments', () => {
  it('is one piece without colours and marks', () => {
    expect(segments('plain', null, [])).toEqual([{ text: 'plain', className: '', marked: false }])
  })

  it('turns colours into classes, and only the fixed ones into values', () => {
    const styled = `${ESC}[31mred${ESC}[0m ${ESC}[1;92mbold${ESC}[0m ${ESC}[38;5;208mindexed${ESC}[0m ${ESC}[38;2;1;2;3mtrue${ESC}[0m ${ESC}[44mback`
    const pieces = segments('', styled, []).filter(({ text }) => text !== ' ')
    expect(pieces.map(({ text, className, color }) => [text, className, color])).toEqual([
      ['red', 'dl-ansi-red', undefined],
      ['bold', 'dl-ansi-bold dl-ansi-bright-green', undefined],
      ['indexed', '', 'rgb(255,135,0)'],
      ['true', '', 'rgb(1, 2, 3)'],
      ['back', 'dl-ansi-blue-bg', undefined],
    ])
  })

  it('marks across colours', () => {
    const pieces = segments('abcd', `a${ESC}[31mbc${ESC}[0md`, [1, 2])
    expect(pieces.map(({ text, marked }) => [text, marked])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
      ['d', false],
    ])
  })

  it('cuts long lines', () => {
    expect(segments('x'.repeat(50), null, [], 10).map(({ text }) => text)).toEqual(['x'.repeat(10)])
  })

  it('never makes markup of a line', () => {
    expect(segments('<b>&amp;', `${ESC}[31m<b>&amp;`, []).map(({ text }) => text)).toEqual(['<b>&amp;'])
  })
})
