import { describe, expect, it } from 'vitest'
import { decode, fromBase64, lastRewrite, readable } from './text'

const ESC = String.fromCharCode(27)

describe('decode', () => {
  it('joins text', () => {
    expect(decode(['a', 'b'])).toBe('ab')
  })

  it('joins bytes before it decodes: a character may be split', () => {
    expect(decode([fromBase64('4oI='), fromBase64('rA==')])).toBe('€')
    expect(decode(['x', fromBase64('8J+Q'), fromBase64('qw=='), 'y'])).toBe('x🐫y')
  })

  it('replaces what is no UTF-8', () => {
    expect(decode([fromBase64('Z/w=')])).toBe('g\ufffd')
  })

  it('keeps a byte order mark', () => {
    expect(decode([fromBase64('77u/YQ==')])).toBe('\ufeffa')
  })
})

describe('lastRewrite', () => {
  it.each([
    ['plain', 'plain'],
    ['10 %\r20 %\r30 %', '30 %'],
    ['10 %\r20 %\r', '20 %'],
    ['\r', ''],
    ['end\r\r', 'end'],
  ])('shows of %j what a terminal shows', (line, shown) => {
    expect(lastRewrite(line)).toBe(shown)
  })
})

describe('readable', () => {
  it('leaves ordinary text alone', () => {
    expect(readable('a\tb')).toEqual({ text: 'a\tb', styled: null })
  })

  it('keeps colours apart from the text', () => {
    const raw = `${ESC}[32mINFO${ESC}[0m ok`
    expect(readable(raw)).toEqual({ text: 'INFO ok', styled: raw })
  })

  it('drops every other control sequence', () => {
    expect(readable(`${ESC}[2K${ESC}[1;5Ha${ESC}]0;title\u0007b${ESC}]8;;http://x${ESC}\\c${ESC}(B${ESC}=d`)).toEqual({ text: 'abcd', styled: null })
  })

  it('makes control characters visible', () => {
    expect(readable('a\u0000b\u0007c\u007f').text).toBe('a^@b^Gc^?')
    expect(readable(`cut ${ESC}`).text).toBe('cut ^[')
    expect(readable('c1 \u0085').text).toBe('c1 \\x85')
  })
})
