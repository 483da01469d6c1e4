import { describe, expect, it } from 'vitest'
import { joinWords, splitWords } from './words'

describe('splitWords', () => {
  it.each([
    ['', []],
    ['  ls   -l ', ['ls', '-l']],
    [`sh -c 'echo "$HOME"; exit 3'`, ['sh', '-c', 'echo "$HOME"; exit 3']],
    [String.raw`echo "a \"b\" \n" c\ d`, ['echo', String.raw`a "b" \n`, 'c d']],
    [`a''b ""`, ['ab', '']],
    [`it's one`, null],
    ['say "', null],
  ])('%s', (line, words) => {
    expect(splitWords(line)).toEqual(words)
  })
})

describe('joinWords', () => {
  it.each([[['ls', '-l', '/a b']], [['sh', '-c', `echo 'it''s' "$x"`]], [['', String.raw`\ `, 'ü']]])('comes back: %j', (words) => {
    expect(splitWords(joinWords(words))).toEqual(words)
  })
})
