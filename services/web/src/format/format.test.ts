import { describe, expect, it } from 'vitest'
import { imageName, imageWithoutRegistry, registryOf, shortId, withShortIds } from './names'
import { bytes, count, milliseconds, percent, plural, rate, roundBytes, roundPercent } from './numbers'
import { beginOf, periodMs } from './period'
import { ago, ahead, clockMs, duration, playTime, spanText } from './time'

describe('numbers', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [15_728_640, '15.0 MiB'],
    [1_073_741_824, '1.00 GiB'],
    [-2048, '-2.00 KiB'],
  ])('shows %i bytes as %s', (value, shown) => {
    expect(bytes(value)).toBe(shown)
  })

  it('shows rates, percentages and counts', () => {
    expect(rate(2048)).toBe('2.00 KiB/s')
    expect([0.123, 12.34, 250].map(percent)).toEqual(['0.12 %', '12.3 %', '250 %'])
    expect(count(1_234_567)).toBe('1,234,567')
    expect([0, 7, 1200].map(milliseconds)).toEqual(['< 1 ms', '7 ms', '1,200 ms'])
    expect([plural(1, 'line'), plural(1000, 'line'), plural(2, 'box', 'boxes')]).toEqual(['1 line', '1,000 lines', '2 boxes'])
  })

  it('shows the marks of a scale without empty decimals', () => {
    expect([1024, 1536, 104_857_600].map(roundBytes)).toEqual(['1 KiB', '1.5 KiB', '100 MiB'])
    expect([0, 12.5, 100].map(roundPercent)).toEqual(['0 %', '12.5 %', '100 %'])
  })
})

describe('time', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [86_399_999, '23 h'],
    [200_000_000, '2 d'],
  ])('shows %i ms as %s', (ms, shown) => {
    expect(duration(ms)).toBe(shown)
  })

  it('says how long ago, and makes no future', () => {
    const now = Date.parse('2026-11-24T10:00:00Z')
    expect(ago('2026-11-24T09:57:00Z', now)).toBe('3 min ago')
    expect(ago('2026-11-24T10:00:30Z', now)).toBe('just now')
    expect(ago('nonsense', now)).toBe('nonsense')
  })

  it('says how soon', () => {
    const now = Date.parse('2026-11-24T10:00:00Z')
    expect(ahead('2026-11-24T13:00:00Z', now)).toBe('in 3 h')
    expect(ahead('2026-11-24T09:59:00Z', now)).toBe('now')
    expect(ahead('nonsense', now)).toBe('nonsense')
  })

  it('reads nanoseconds and keeps milliseconds', () => {
    expect(clockMs('2026-11-24T10:00:00.123456789Z')).toMatch(/^\d\d:00:00\.123$/)
    expect(clockMs('')).toBe('')
  })
})

describe('spans', () => {
  const at = (text: string) => new Date(text).getTime()

  it('say as much of both ends as tells them apart', () => {
    expect(spanText(at('2026-11-24T14:00:00'), at('2026-11-24T14:30:00'))).toBe('24 Nov, 14:00 to 14:30')
    expect(spanText(at('2026-11-24T14:00:00'), at('2026-11-24T14:00:15'))).toBe('24 Nov, 14:00:00 to 14:00:15')
    expect(spanText(at('2026-11-24T12:00:00'), at('2026-11-25T00:00:00'))).toBe('24 Nov, 12:00 to 25 Nov, 00:00')
  })

  it('begin by a name or at a moment', () => {
    const now = Date.parse('2026-11-24T10:00:00Z')
    expect(beginOf('6h', now)).toBe('2026-11-24T04:00:00.000Z')
    expect(beginOf('2026-01-01T00:00:00Z', now)).toBe('2026-01-01T00:00:00Z')
    expect(beginOf(undefined, now)).toBeUndefined()
    expect(periodMs('soon')).toBeUndefined()
  })
})

describe('names', () => {
  const id = 'ab'.repeat(32)

  it('shortens IDs and images', () => {
    expect(shortId(id)).toBe('abababababab')
    expect(withShortIds(`containers/${id}`)).toBe('containers/abababababab')
    expect(imageName('docker.io/library/redis:7')).toBe('redis:7')
    expect(imageName(`sha256:${id}`)).toBe('abababababab')
    expect(imageName(`redis@sha256:${id}`)).toBe('redis@abababababab')
  })

  it('knows a registry from a path', () => {
    expect(['redis:7', 'shop/web', 'docker.io/library/redis', 'localhost/web', '127.0.0.1:5000/web:1'].map(registryOf)).toEqual([
      'docker.io',
      'docker.io',
      'docker.io',
      'localhost',
      '127.0.0.1:5000',
    ])
    expect(imageWithoutRegistry('registry.example.com:5000/shop/web:2')).toBe('shop/web:2')
    expect(imageWithoutRegistry('shop/web:2.1')).toBe('shop/web:2.1')
    expect(imageWithoutRegistry('redis:7.4')).toBe('redis:7.4')
  })
})

it('writes a length as players do', () => {
  expect([-1, 7.9, 725, 3723].map(playTime)).toEqual(['0:00', '0:07', '12:05', '1:02:03'])
})
