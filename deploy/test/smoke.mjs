// What deploy/test/compose does with a running installation, as a program of its users would.
//   smoke.mjs use URL SETUP_TOKEN CONTAINER   makes the administrator, starts the container and watches its log
//   smoke.mjs steady URL SECONDS              fails when an answer is not 200
//   smoke.mjs refuses URL                     the engine reader: reads, and lets nobody change anything
//   smoke.mjs same URL URL                    two Traefiks know the same settings of the service, its servers aside
import assert from 'node:assert/strict'

const commands = { use, steady, refuses, same }
const [command, ...args] = process.argv.slice(2)
await commands[command](...args)
console.log(`smoke: ${command} is fine`)
// An open WebSocket would keep the process.
process.exit(0)

async function use(url, setupToken, container) {
  const page = await fetch(url)
  assert.equal(page.status, 200)
  assert.match(await page.text(), /<div id="root">/)

  const user = { username: 'ada', password: 'correct horse battery' }
  const made = await post(url, '/api/v1/setup', { token: setupToken, ...user })
  assert.equal(made.status, 201)
  const signedIn = await post(url, '/api/v1/auth/login', user)
  assert.equal(signedIn.status, 200)
  const authorization = `Bearer ${(await signedIn.json()).access_token}`

  const hosts = await (await fetch(`${url}/api/v1/hosts`, { headers: { authorization } })).json()
  assert.equal(JSON.stringify(hosts.items.map(({ id, state }) => [id, state])), '[["local","online"]]')
  const started = await fetch(`${url}/api/v1/containers/${container}/start`, { method: 'POST', headers: { authorization } })
  assert.equal(started.status, 204, await started.text())

  // Live, then again from where the first socket ended, by whichever replica.
  const path = `${url.replace('http', 'ws')}/ws/containers/${container}/logs`
  const first = await watch(`${path}?tail=all`, authorization, 30)
  const second = await watch(`${path}?from=${first.at(-1).epoch}:${first.at(-1).n}`, authorization, 30)
  const lines = [...first, ...second].map(({ d }) => d)
  assert.deepEqual(lines, lines.map((_, index) => `line ${index + 1}\n`))

  // The stored log, by REST.
  const stored = await fetch(`${url}/api/v1/containers/${container}/logs`, { headers: { authorization } })
  assert.equal(stored.status, 200)
  assert.match(await stored.text(), /^line 1\nline 2\n/)
}

async function steady(url, seconds) {
  const end = Date.now() + Number(seconds) * 1000
  let answers = 0
  for (; Date.now() < end; answers++) {
    const answer = await fetch(`${url}/readyz`)
    assert.equal(answer.status, 200, await answer.text())
    // Within what Traefik lets one address ask.
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  assert(answers > 10, `${answers} answers`)
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

function post(url, path, body) {
  return fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** The first chunks that a log socket brings. */
function watch(url, authorization, count) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers: { authorization } })
    const chunks = []
    const timer = setTimeout(() => reject(new Error(`${chunks.length} of ${count} chunks within 30 s`)), 30_000)
    socket.onerror = (event) => reject(new Error(`the socket broke: ${event.message ?? event.type}`))
    socket.onclose = ({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`))
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data)
      if (frame.type === 'gap') reject(new Error(data))
      if (frame.type === 'log') chunks.push(...frame.chunks.map((chunk) => ({ ...chunk, epoch: frame.epoch })))
      if (chunks.length < count) return
      clearTimeout(timer)
      socket.onclose = null
      socket.close()
      resolve(chunks.slice(0, count))
    }
  })
}
