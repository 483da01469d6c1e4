import { describe, expect, it } from 'vitest'
import type { Topology } from './api/networks'
import { layOut, ROW } from './topology'

const network = (id: string) => ({ id, name: id, driver: 'bridge', subnets: [{ subnet: `10.${id.length}.0.0/16` }] }) as Topology['networks'][number]
const container = (id: string, state = 'running') => ({ id, name: id, state }) as Topology['containers'][number]
const link = (network: string, container: string) => ({ network, container, ipv4: `ip-${container}`, ipv6: null })

const topology: Topology = {
  networks: [network('back'), network('front'), network('none')],
  containers: [container('db'), container('lone', 'exited'), container('proxy'), container('web')],
  links: [link('front', 'proxy'), link('front', 'web'), link('back', 'web'), link('back', 'db')],
}

describe('layOut', () => {
  const picture = layOut(topology)

  it('gives everything a place of its own', () => {
    for (const nodes of [picture.networks, picture.containers]) {
      const rows = nodes.map(({ y }) => y)
      expect(new Set(rows).size).toBe(nodes.length)
      const gaps = [...rows].sort((a, b) => a - b).map((y, index, all) => y - (all[index - 1] ?? -Infinity))
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(ROW)
    }
    expect(picture.networks).toHaveLength(3)
    expect(picture.containers).toHaveLength(4)
  })

  it('keeps the containers of a network together, and what has no line at the end', () => {
    expect(picture.containers.map(({ id }) => id)).toEqual(['db', 'web', 'proxy', 'lone'])
    expect(picture.networks.map(({ id }) => id)).toEqual(['back', 'front', 'none'])
    expect(picture.networks.map(({ alive }) => alive)).toEqual([true, true, false])
  })

  it('draws a line for every place in a network, and none to what is not there', () => {
    expect(picture.lines.map(({ key }) => key).sort()).toEqual(['back db', 'back web', 'front proxy', 'front web'])
    expect(layOut({ ...topology, links: [link('gone', 'web')] }).lines).toEqual([])
  })

  it('is as high as what stands in it', () => {
    expect(picture.height).toBe(4 * ROW)
    expect(layOut({ networks: [], containers: [], links: [] }).height).toBe(ROW / 2)
  })
})
