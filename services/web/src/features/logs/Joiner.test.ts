import { describe, expect, it } from 'vitest'
import { Joiner, MAX_LINE, type Chunk, type Line } from './Joiner'

let n = 0
const chunk = (d: string, more: Partial<Chunk> = {}): Chunk => ({ n: ++n, s: 1, t: `t${n}`, d, ...more })

function joined(chunks: Chunk[]): Line[] {
  const joiner = new Joiner()
  const lines: Line[] = []
  for (const each of chunks) joiner.push(each, (line) => lines.push(line))
  return lines
}

const raws = (lines: Line[]) => lines.map((line) => line.raw)

describe('Joiner', () => {
  it('strips one line end, of either kind', () => {
    expect(raws(joined([chunk('a\n'), chunk('b\r\n'), chunk('c'), chunk('\n'), chunk('d\n\n')]))).toEqual(['a', 'b', 'c', '', 'd', ''])
  })

  it('joins partial chunks under the number and time of the first', () => {
    n = 0
    const [line] = joined([chunk('one ', { p: true }), chunk('two ', { p: true }), chunk('three\n')])
    expect(line).toMatchObject({ n: 1, time: 't1', raw: 'one two three', truncated: false })
  })

  it('joins each stream by itself', () => {
    const lines = joined([chunk('out ', { p: true }), chunk('err ', { s: 2, p: true }), chunk('put\n'), chunk('or\n', { s: 2 })])
    expect(lines.map(({ stream, raw }) => [stream, raw])).toEqual([
      [1, 'out put'],
      [2, 'err or'],
    ])
  })

  it('decodes a character that was split between two chunks', () => {
    expect(raws(joined([chunk('', { b: '4oI=', p: true }), chunk('', { b: 'rAo=' })]))).toEqual(['€'])
  })

  it('cuts a line at its cap, says so, and begins the next one cleanly', () => {
    const part = 'x'.repeat(400_000)
    const lines = joined([...Array.from({ length: 5 }, () => chunk(part, { p: true })), chunk('end\n'), chunk('next\n')])
    expect(lines).toHaveLength(2)
    expect(lines[0]?.raw).toHaveLength(MAX_LINE)
    expect(lines[0]?.truncated).toBe(true)
    expect(lines[1]).toMatchObject({ raw: 'next', truncated: false })
  })

  it('shows lines that go on, and hands them over when their rest is lost', () => {
    const joiner = new Joiner()
    const lines: Line[] = []
    joiner.push(chunk('10 %\r', { p: true }), (line) => lines.push(line))
    expect(raws(joiner.open())).toEqual(['10 %\r'])
    expect(lines).toEqual([])
    joiner.flush((line) => lines.push(line))
    expect(lines).toMatchObject([{ raw: '10 %\r', truncated: true }])
    expect(joiner.open()).toEqual([])
  })
})
