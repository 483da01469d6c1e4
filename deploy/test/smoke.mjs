// What deploy/test/compose does with a running installation, as its users and its operator would.
//   smoke.mjs use URL SETUP_TOKEN CONTAINER          makes the administrator, starts the container, watches its log
//   smoke.mjs outlives URL CONTAINER ADDRESS=PID…    kills the replica that holds a viewer; nobody misses a line or an answer
//   smoke.mjs kept URL CONTAINER                     after a new start: the administrator and the history are there
//   smoke.mjs leads URL URL                          the first address leads to the second
//   smoke.mjs refuses URL                            the engine reader: reads, and lets nobody change anything
//   smoke.mjs same URL URL                           two Traefiks know the same settings of the service, its servers aside
//   smoke.mjs hardened SECRETS SERVICE… <INSPECT     containers are confined as intended; the services may use the socket
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

const commands = { use, outlives, kept, leads, refuses, same, hardened }
// Whose business a server is not.
const STRANGERS = [
  ['traefik', 'postgres', 'redis', 'kafka'],
  ['engine-reader', 'postgres', 'redis', 'kafka', 'api'],
  ['streamer', 'postgres', 'traefik'],
  ['consumer', 'redis', 'traefik'],
  ['migrate', 'redis', 'kafka'],
]
const user = { username: 'ada', password: 'correct horse battery' }

async function use(url, setupToken, container) {
  const page = await fetch(url)
  assert.equal(page.status, 200)
  assert.match(await page.text(), /<div id="root">/)

  const made = await post(url, '/api/v1/setup', { token: setupToken, ...user })
  assert.equal(made.status, 201)
  const authorization = await signIn(url)

  const hosts = await get(url, '/api/v1/hosts', authorization)
  assert.deepEqual(
    hosts.items.map(({ id, state }) => [id, state]),
    [['local', 'online']],
  )
  const started = await fetch(`${url}/api/v1/containers/${container}/start`, { method: 'POST', headers: { authorization } })
  assert.equal(started.status, 204, await started.text())

  // Live, then again from where the first socket ended, by whichever replica.
  const viewer = new Viewer(url, container, authorization)
  await viewer.until(() => viewer.lines.length >= 30)
  viewer.cut()
  await viewer.until(() => viewer.lines.length >= 60)
  viewer.end()
  assert.equal(viewer.cuts, 1)
  assertConsecutive(viewer.lines)

  // The stored log, by REST.
  const stored = await fetch(`${url}/api/v1/containers/${container}/logs`, { headers: { authorization } })
  assert.equal(stored.status, 200)
  assert.match(await stored.text(), /^line 1\nline 2\n/)

  await startInHistory(url, container, authorization)
}

async function outlives(url, container, ...replicas) {
  const authorization = await signIn(url)
  const viewer = new Viewer(url, container, authorization)
  await viewer.until(() => viewer.lines.length >= 60)

  const pidOfViewer = async () => {
    for (const replica of replicas) {
      const [address, pid] = replica.split('=')
      const metrics = await (await fetch(`http://${address}:8080/metrics`)).text()
      if (/^dockline_sockets\{kind="logs"\} 1$/m.test(metrics)) return Number(pid)
    }
  }
  const pid = await eventually('a replica has the viewer', pidOfViewer)

  let running = true
  const answers = steady(url, () => running)
  process.kill(pid, 'SIGKILL')
  await viewer.until(() => viewer.cuts >= 1)
  const before = viewer.lines.length
  await viewer.until(() => viewer.lines.length >= before + 200)
  running = false
  viewer.end()
  assertConsecutive(viewer.lines)
  console.log(
    `the viewer's replica was killed at line ${before} of ${viewer.lines.length}, it came back after ${viewer.pause} ms; ` +
      `${await answers} other requests were all answered with 200`,
  )
}

async function kept(url, container) {
  const authorization = await signIn(url)
  await startInHistory(url, container, authorization)
}

async function leads(from, to) {
  const answer = await fetch(`${from}/containers?q=1`, { redirect: 'manual' })
  assert.equal(answer.headers.get('location'), `${to}/containers?q=1`)
}

async function refuses(url) {
  const list = await fetch(`${url}/v1.41/containers/json`)
  assert.equal(list.status, 200)
  const [{ Id: id }] = await list.json()
  for (const [method, path] of [
    ['POST', '/containers/create'],
    ['POST', `/containers/${id}/stop`],
    ['DELETE', `/containers/${id}`],
    ['GET', `/containers/${id}/archive?path=/`],
    ['GET', '/images/json'],
    ['GET', `/containers/${id}/json/../../../images/json`],
  ]) {
    const answer = await fetch(`${url}/v1.41${path}`, { method })
    assert.equal(answer.status, 403, `${method} ${path}`)
  }
}

async function same(...urls) {
  const settings = await Promise.all(
    urls.map(async (url) => {
      const answer = await fetch(url)
      assert.equal(answer.status, 200, url)
      const { servers, ...loadBalancer } = (await answer.json()).loadBalancer
      assert(servers.length > 0, url)
      return loadBalancer
    }),
  )
  assert.deepEqual(settings[0], settings[1])
}

function hardened(folder, ...socketUsers) {
  const secrets = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8').trim())
  const containers = JSON.parse(readFileSync(0, 'utf8'))
  assert(containers.length > 0)
  for (const { Name, Config, HostConfig, Mounts, State } of containers) {
    const service = Config.Labels['com.docker.compose.service']
    const is = (found, wanted, what) => assert.deepEqual(found, wanted, `${Name}: ${what}`)
    assert.match(Config.User, /^(?!0|root)./, `${Name}: runs as root`)
    // Kafka's image writes its configuration into its own file system.
    is(HostConfig.ReadonlyRootfs, service !== 'kafka', 'read-only root')
    is(HostConfig.Privileged, false, 'privileged')
    is(HostConfig.CapDrop, ['ALL'], 'capabilities dropped')
    is(HostConfig.CapAdd ?? [], [], 'capabilities added')
    is(HostConfig.SecurityOpt, ['no-new-privileges:true'], 'security options')
    assert(HostConfig.Memory > 0 && HostConfig.PidsLimit > 0, `${Name}: no limits`)
    is(HostConfig.LogConfig, { Type: 'json-file', Config: { 'max-file': '3', 'max-size': '10m' } }, 'rotation of its log')
    is(HostConfig.RestartPolicy.Name, service === 'migrate' ? 'on-failure' : 'unless-stopped', 'restart policy')
    is(State.Health?.Status, service === 'migrate' ? undefined : 'healthy', 'health')
    const socket = Mounts.some(({ Destination }) => Destination === '/var/run/docker.sock')
    is(socket, socketUsers.includes(service), 'has the socket')
    for (const { Type, Name: volume = '' } of Mounts) {
      assert(Type !== 'volume' || !/^[0-9a-f]{64}$/.test(volume), `${Name}: a volume without a name`)
    }
    const shown = JSON.stringify([Config.Env, Config.Cmd, Config.Entrypoint, Config.Labels])
    for (const secret of secrets) assert(!shown.includes(secret), `${Name}: shows a secret`)
  }
  const networks = new Map()
  for (const { Config, NetworkSettings } of containers) {
    networks.set(Config.Labels['com.docker.compose.service'], new Set(Object.keys(NetworkSettings.Networks)))
  }
  for (const [service, ...servers] of STRANGERS) {
    for (const server of servers) {
      const common = [...(networks.get(service) ?? [])].filter((network) => networks.get(server).has(network))
      assert.deepEqual(common, [], `${service} and ${server} share a network`)
    }
  }
}

/** Asks over and over, and counts the answers; one that is not 200 fails. */
async function steady(url, running) {
  let answers = 0
  for (; running(); answers++) {
    const answer = await fetch(`${url}/readyz`)
    assert.equal(answer.status, 200, await answer.text())
    // Within what Traefik lets one address ask.
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  return answers
}

async function signIn(url) {
  const signedIn = await post(url, '/api/v1/auth/login', user)
  assert.equal(signedIn.status, 200)
  return `Bearer ${(await signedIn.json()).access_token}`
}

function startInHistory(url, container, authorization) {
  return eventually('the start is in the history', async () => {
    const { items } = await get(url, `/api/v1/events?actor=${container}&action=start`, authorization)
    assert(items.length <= 1, JSON.stringify(items))
    return items.length === 1
  })
}

async function get(url, path, authorization) {
  const answer = await fetch(url + path, { headers: { authorization } })
  assert.equal(answer.status, 200, path)
  return answer.json()
}

function post(url, path, body) {
  return fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

function assertConsecutive(lines) {
  assert.deepEqual(
    lines,
    lines.map((_, index) => `line ${index + 1}\n`),
  )
}

/** What `probe` gives, once it gives something. */
async function eventually(what, probe) {
  const end = Date.now() + 30_000
  for (;;) {
    const found = await probe()
    if (found) return found
    assert(Date.now() < end, `not so within 30 s: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Watches a log as the web UI does: when its socket breaks it comes back, behind the last line that it has. */
class Viewer {
  lines = []
  /** How often its socket broke, and the longest time until the next frame. */
  cuts = 0
  pause = 0
  #place = 'tail=all'
  #cutAt
  #failure
  #ended = false

  constructor(url, container, authorization) {
    this.address = `${url.replace('http', 'ws')}/ws/containers/${container}/logs`
    this.authorization = authorization
    this.#open()
  }

  #open() {
    const socket = (this.socket = new WebSocket(`${this.address}?${this.#place}`, { headers: { authorization: this.authorization } }))
    socket.onerror = () => undefined
    socket.onclose = () => {
      if (this.#ended) return
      // A try that did not get through is no cut.
      if (this.#cutAt === undefined) {
        this.cuts++
        this.#cutAt = Date.now()
      }
      setTimeout(() => this.#open(), 100)
    }
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data)
      if (frame.type === 'gap') this.#failure = new Error(`a gap: ${data}`)
      if (frame.type !== 'log') return
      if (this.#cutAt !== undefined) this.pause = Math.max(this.pause, Date.now() - this.#cutAt)
      this.#cutAt = undefined
      for (const { n, d } of frame.chunks) {
        this.lines.push(d)
        this.#place = `from=${frame.epoch}:${n}`
      }
    }
  }

  until(condition) {
    return eventually(`${condition}, with ${this.lines.length} lines`, () => {
      if (this.#failure) throw this.#failure
      return condition()
    })
  }

  /** Breaks its own socket. */
  cut() {
    this.socket.close()
  }

  end() {
    this.#ended = true
    this.socket.close()
  }
}

const [command, ...args] = process.argv.slice(2)
await commands[command](...args)
console.log(`smoke: ${command} is fine`)
// An open WebSocket would keep the process.
process.exit(0)
