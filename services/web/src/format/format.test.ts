import { describe, expect, it } from 'vitest'
import { imageName, imageWithoutRegistry, shortId, withShortIds } from './names'
import { bytes, count, percent, plural, rate, roundBytes, roundPercent } from './numbers'
import { ago, clockMs, duration } from './time'

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

  it('reads nanoseconds and keeps milliseconds', () => {
    expect(clockMs('2026-11-24T10:00:00.123456789Z')).toMatch(/^\d\d:00:00\.123$/)
    expect(clockMs('')).toBe('')
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
    expect(imageWithoutRegistry('registry.example.com:5000/shop/web:2')).toBe('shop/web:2')
    expect(imageWithoutRegistry('shop/web:2.1')).toBe('shop/web:2.1')
    expect(imageWithoutRegistry('redis:7.4')).toBe('redis:7.4')
  })
})
