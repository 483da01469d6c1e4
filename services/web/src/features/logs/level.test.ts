import { describe, expect, it } from 'vitest'
import { detectLevel } from './level'

describe('detectLevel', () => {
  it.each([
    ['{"level":"warn","msg":"x"}', 'warn'],
    ['{"msg":"no error here","level":"info"}', 'info'],
    ['{"level":50,"msg":"pino"}', 'error'],
    ['{"level":30,"msg":"pino"}', 'info'],
    ['time=2026 level=debug msg="ERROR in name"', 'debug'],
    ['severity: WARNING something', 'warn'],
    ['2026-11-24 10:00:00 ERROR failed', 'error'],
    ['[error] 12#12: connect() failed', 'error'],
    ['warn: deprecated', 'warn'],
    ['10:00:00 | info | started', 'info'],
    ['E1124 10:00:00.000000 1 main.go:1] boom', 'error'],
    ['I1124 10:00:00.000000 1 main.go:1] fine', 'info'],
    ['FATAL could not open', 'error'],
    ['TRACE enter', 'debug'],
    ['an error happened somewhere', 'other'],
    ['INFORMATIONAL', 'other'],
    ['', 'other'],
    [`${'x'.repeat(300)} ERROR far away`, 'other'],
  ])('reads %j as %s', (text, level) => {
    expect(detectLevel(text)).toBe(level)
  })
})
