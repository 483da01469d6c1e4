import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Cleanup } from './cleanup'
import { docker } from './engine'
import { required } from './environment'
import { Program } from './program'
import { onFreePort } from './stores'

export const LOGIN = { username: 'dev', password: 's3cret' }
/** The line of a password file for this name and password. */
const PASSWORDS = 'dev:$2b$04$Xh88qfeQatRfH39wCWOLRufvyyN9mkzIv0cwsQ0AEfeD.JNR.bToS\n'

export interface Registry {
  /** Where the engine finds it: without TLS, which engines take from their own loopback interface. */
  address: string
  /** From now on each connection brings the engine no more than so many bytes a second; as they come, for null. */
  slowDown: (bytes: number | null) => Promise<void>
  stop: () => Promise<void>
}

/** An empty registry in the network of the engine that is the host `local`. */
export async function startRegistry({ password }: { password: boolean }): Promise<Registry> {
  const cleanup = new Cleanup()
  const folder = await mkdtemp(path.join(tmpdir(), 'dockline-e2e-registry-'))
  cleanup.add(() => rm(folder, { recursive: true, force: true }))
  try {
    const engine = await readFile(path.join(path.dirname(required('DOCKER_HOST').replace('unix://', '')), 'docker.pid'), 'utf8')
    const inItsNetwork = async (ready: RegExp, ...command: string[]): Promise<void> => {
      const started = new Program('nsenter', [`--net=/proc/${engine.trim()}/ns/net`, '--', ...command], { cwd: folder, endsWith: 'SIGTERM' })
      await started.start(ready)
      cleanup.add(() => started.end())
    }
    await writeFile(path.join(folder, 'passwords'), PASSWORDS)
    const behind = await onFreePort(async (port) => {
      const settings = ['version: 0.1', 'storage: { filesystem: { rootdirectory: data } }', `http: { addr: "127.0.0.1:${port}" }`]
      if (password) settings.push('auth: { htpasswd: { realm: test, path: passwords } }')
      await writeFile(path.join(folder, 'config.yml'), settings.join('\n'))
      await inItsNetwork(/listening on/, required('DOCKLINE_TEST_REGISTRY'), 'serve', 'config.yml')
    })
    const rate = path.join(folder, 'rate')
    const slowDown = (bytes: number | null) => writeFile(rate, bytes === null ? '' : `${bytes}`)
    await slowDown(null)
    const link = path.resolve('e2e/support/slowLink.mjs')
    const port = await onFreePort((port) => inItsNetwork(/listening on/, process.execPath, link, `${port}`, `${behind}`, rate))
    return { address: `127.0.0.1:${port}`, slowDown, stop: () => cleanup.run() }
  } catch (error) {
    await cleanup.run().catch(() => undefined)
    throw error
  }
}

/** Makes an image of two layers of 2 MiB of noise, has it pushed under this name, and removes it here. */
export async function pushNoise(name: string): Promise<void> {
  const build = async (from: string): Promise<void> => {
    const id = await docker('create', '--label=dockline.test=1', '--network=none', from, 'sh', '-c', 'head -c 2097152 /dev/urandom >"/noise-$(hostname)"')
    try {
      await docker('start', '--attach', id)
      await docker('commit', id, name)
    } finally {
      await docker('rm', '-f', id)
    }
  }
  await build('local/busybox:1')
  await build(name)
  await docker('push', name)
  await docker('rmi', name)
}
