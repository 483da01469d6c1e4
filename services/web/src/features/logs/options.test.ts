import { describe, expect, it } from 'vitest'
import { filterSpec, logOptions, toggledLevels } from './options'

describe('logOptions', () => {
  it('has defaults for an empty address', () => {
    expect(logOptions({})).toMatchObject({ q: '', levels: null, stream: null, tail: 1000, times: true, wrap: false, line: null })
    expect(filterSpec(logOptions({}))).toBeNull()
  })

  it('reads everything from the address', () => {
    const options = logOptions({ q: 'x', re: '1', cs: '1', inv: '1', lv: 'warn,error', st: 'stderr', tail: 'all', ts: '0', wrap: '1' })
    expect(options).toMatchObject({ levels: ['error', 'warn'], stream: 2, tail: null, times: false, wrap: true })
    expect(filterSpec(options)).toEqual({
      levels: ['error', 'warn'],
      stream: 2,
      places: null,
      pattern: { q: 'x', regex: true, caseSensitive: true, invert: true },
    })
  })

  it('does not trip over nonsense', () => {
    expect(logOptions({ lv: 'shouting', st: 'stdin', tail: '7' })).toMatchObject({ levels: null, stream: null, tail: 1000 })
  })

  it('leaves the filter alone when only the display changes', () => {
    const spec = (search: Parameters<typeof logOptions>[0]) => filterSpec(logOptions({ q: 'x', ...search }))
    expect(spec({ tail: '100', ts: '0', wrap: '1' })).toEqual(spec({}))
  })
})

describe('toggledLevels', () => {
  it('switches one level', () => {
    expect(toggledLevels(null, 'warn')).toBe('warn')
    expect(toggledLevels(['warn'], 'error')).toBe('error,warn')
    expect(toggledLevels(['error', 'warn'], 'warn')).toBe('error')
    expect(toggledLevels(['error'], 'error')).toBe('')
  })
})
