import { describe, expect, it } from 'vitest'
import { CastReader, reached, timesOf, typedText, type CastEvent } from './cast'

const HEADER = '{"version":2,"width":80,"height":24,"timestamp":1}\n'

describe('CastReader', () => {
  it('reads lines that come in pieces, and passes over what it does not know', () => {
    const reader = new CastReader()
    const text = `${HEADER}[0.5,"o","a\\u001b[1m"]\n[1,"m","mark"]\n[1.25,"r","100x30"]\nnonsense\n[2,"i","ls\\r"]\n`
    for (let at = 0; at < text.length; at += 7) reader.push(text.slice(at, at + 7))
    reader.end()
    expect(reader.header).toEqual({ cols: 80, rows: 24 })
    expect(reader.events).toEqual([
      { at: 0.5, kind: 'output', text: 'a\x1b[1m' },
      { at: 1.25, kind: 'resize', cols: 100, rows: 30 },
      { at: 2, kind: 'input', text: 'ls\r' },
    ])
  })

  it('takes a last line without an end, and leaves out half a line', () => {
    const whole = new CastReader()
    whole.push(`${HEADER}[1,"o","x"]`)
    whole.end()
    expect(whole.events).toHaveLength(1)
    const half = new CastReader()
    half.push(`${HEADER}[1,"o","x"]\n[2,"o","y`)
    half.end()
    expect(half.events).toHaveLength(1)
  })

  it('says when it is something else', () => {
    expect(() => new CastReader().push('{"version":1}\n')).toThrow('asciicast')
    expect(() => new CastReader().push('<html>\n')).toThrow('asciicast')
  })
})

const at = (seconds: number): CastEvent => ({ at: seconds, kind: 'output', text: '' })

describe('timesOf', () => {
  it('cuts pauses', () => {
    expect(timesOf([at(1), at(2), at(62), at(62.5)], 2)).toEqual([1, 2, 4, 4.5])
    expect(timesOf([at(1), at(62)], Infinity)).toEqual([1, 62])
  })

  it('goes never backwards', () => {
    expect(timesOf([at(5), at(3), at(4)], Infinity)).toEqual([5, 5, 6])
  })
})

it('finds how far it is', () => {
  const times = [1, 1, 2, 5]
  expect([0, 1, 1.5, 2, 4, 9].map((seconds) => reached(times, seconds))).toEqual([0, 2, 2, 3, 3, 4])
})

it('writes keys so that they can be read', () => {
  expect(typedText('ls\r\x03\x7fä\x1b')).toBe('ls⏎^C⌫ä^[')
})
