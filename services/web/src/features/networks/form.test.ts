import { describe, expect, it } from 'vitest'
import { EMPTY, readNetwork, wrongMtu } from './form'

describe('readNetwork', () => {
  it('leaves to the engine what is not written', () => {
    expect(readNetwork({ ...EMPTY, name: ' back ' })).toMatchObject({ name: 'back', driver: 'bridge', subnets: [], parent: null, mtu: null, labels: {} })
  })

  it('gives ranges of both versions, and the second only where it is wanted', () => {
    const form = { ...EMPTY, name: 'back', subnet: '172.30.0.0/16', gateway: '172.30.0.1', ipRange: '172.30.9.0/24', subnet6: 'fd00:9::/64' }
    const first = { subnet: '172.30.0.0/16', gateway: '172.30.0.1', ip_range: '172.30.9.0/24' }
    expect(readNetwork(form).subnets).toEqual([first])
    expect(readNetwork({ ...form, ipv6: true }).subnets).toEqual([first, { subnet: 'fd00:9::/64' }])
  })

  it('leaves out what the driver does not know', () => {
    const form = { ...EMPTY, name: 'back', parent: 'eth0', attachable: true, mtu: '1400' }
    expect(readNetwork(form)).toMatchObject({ parent: null, attachable: false, mtu: 1400 })
    expect(readNetwork({ ...form, driver: 'ipvlan' })).toMatchObject({ parent: 'eth0', attachable: false })
    expect(readNetwork({ ...form, driver: 'overlay' })).toMatchObject({ parent: null, attachable: true })
  })
})

it('says what is no size of a packet', () => {
  expect([wrongMtu(''), wrongMtu('1400')]).toEqual([undefined, undefined])
  expect(wrongMtu('large')).toContain('number')
})
