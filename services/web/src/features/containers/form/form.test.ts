import { describe, expect, it } from 'vitest'
import { emptyForm, fieldOf, readForm, type ContainerForm } from './form'
import { parseBytes, wrongWith } from './parse'

const form = (change: Partial<ContainerForm> = {}): ContainerForm => ({ ...emptyForm('local', 'nginx:1.29'), ...change })

function container(change: Partial<ContainerForm>) {
  const read = readForm(form(change))
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return read.container
}

function problems(change: Partial<ContainerForm>) {
  const read = readForm(form(change))
  return 'problems' in read ? read.problems : {}
}

describe('readForm', () => {
  it('asks for an image and leaves the rest to it', () => {
    expect(container({})).toMatchObject({ host: 'local', image: 'nginx:1.29', name: null, start: true, command: null, ports: [], mounts: [], restart_policy: null })
  })

  it('reads ports as docker run does', () => {
    expect(container({ ports: '8080:80\n127.0.0.1:5353:53/udp\n[::1]::443\n\n9000' }).ports).toEqual([
      { container_port: 80, protocol: 'tcp', host_ip: null, host_port: 8080 },
      { container_port: 53, protocol: 'udp', host_ip: '127.0.0.1', host_port: 5353 },
      { container_port: 443, protocol: 'tcp', host_ip: '::1', host_port: null },
      { container_port: 9000, protocol: 'tcp', host_ip: null, host_port: null },
    ])
  })

  it('tells volumes, folders of the host and folders in memory apart', () => {
    expect(container({ mounts: 'data:/var/lib:ro\n/srv:/srv\ntmpfs:/tmp\n/cache' }).mounts).toEqual([
      { kind: 'volume', source: 'data', target: '/var/lib', read_only: true },
      { kind: 'bind', source: '/srv', target: '/srv', read_only: false },
      { kind: 'tmpfs', source: null, target: '/tmp', read_only: false },
      { kind: 'volume', source: null, target: '/cache', read_only: false },
    ])
  })

  it('reads commands word by word, lists and limits', () => {
    expect(container({ command: `sh -c 'sleep 1'`, memory: '512m', cpus: '1.5', capDrop: 'ALL', restart: 'always' })).toMatchObject({
      command: ['sh', '-c', 'sleep 1'],
      memory_bytes: 536_870_912,
      cpus: 1.5,
      cap_drop: ['ALL'],
      restart_policy: { name: 'always' },
    })
  })

  it('reads networks with names and an address there', () => {
    expect(container({ networks: 'front\nback: db, database 172.30.0.9\nsix: fd00::9' }).networks).toEqual([
      { name: 'front', aliases: [], ip: null },
      { name: 'back', aliases: ['db', 'database'], ip: '172.30.0.9' },
      { name: 'six', aliases: [], ip: 'fd00::9' },
    ])
  })

  it('sends attempts, times and options only where they mean something', () => {
    const change = { retries: '5', health: 'true', healthInterval: '3', logOptions: [{ row: 0, key: 'max-size', value: '1m' }] }
    expect(container({ ...change, restart: 'on-failure', logDriver: 'local' })).toMatchObject({
      restart_policy: { name: 'on-failure', maximum_retry_count: 5 },
      health_check: { shell: 'true', interval_seconds: 3, timeout_seconds: null },
      log: { driver: 'local', options: { 'max-size': '1m' } },
    })
    expect(container({ ...change, restart: 'always', healthOff: true })).toMatchObject({
      restart_policy: { name: 'always', maximum_retry_count: 0 },
      health_check: { disabled: true },
      log: null,
    })
  })

  it.each<[Partial<ContainerForm>, keyof ContainerForm]>([
    [{ host: '' }, 'host'],
    [{ networks: 'front, back' }, 'networks'],
    [{ networks: 'front: 10.0.0.1 10.0.0.2' }, 'networks'],
    [{ restart: 'on-failure', retries: 'some' }, 'retries'],
    [{ health: 'true', healthTimeout: 'long' }, 'healthTimeout'],
    [{ image: ' ' }, 'image'],
    [{ name: '-x' }, 'name'],
    [{ command: `sh -c 'x` }, 'command'],
    [{ ports: '80:' }, 'ports'],
    [{ ports: '70000:80' }, 'ports'],
    [{ mounts: 'data' }, 'mounts'],
    [{ mounts: 'a:b:c:/d' }, 'mounts'],
    [{ memory: 'much' }, 'memory'],
    [{ cpus: '-1' }, 'cpus'],
    [{ workdir: 'srv' }, 'workdir'],
    [{ devices: 'fuse' }, 'devices'],
    [{ env: [{ row: 0, key: '', value: 'x' }] }, 'env'],
  ])('says what is wrong with %j', (change, field) => {
    expect(Object.keys(problems(change))).toEqual([field])
  })
})

describe('parseBytes', () => {
  it.each([
    ['', null],
    ['1024', 1024],
    ['64k', 65_536],
    ['1.5 GiB', 1_610_612_736],
    ['6MB', 6_291_456],
  ])('%s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it('says what it cannot read', () => {
    expect(wrongWith(parseBytes('5x'))).toContain('512m')
    expect(wrongWith(parseBytes('5'))).toBeUndefined()
  })
})

it('fields of the server belong to fields of the form', () => {
  expect(fieldOf('ports[0].host_port', form())).toBe('ports')
  expect(fieldOf('memory_bytes', form())).toBe('memory')
  expect(fieldOf('unheard_of', form())).toBeUndefined()
})
