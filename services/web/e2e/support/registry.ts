import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { required } from './environment'
import { Program } from './program'
import { onFreePort } from './stores'

export const LOGIN = { username: 'dev', password: 's3cret' }
/** The line of a password file for this name and password. */
const PASSWORDS = 'dev:$2b$04$Xh88qfeQatRfH39wCWOLRufvyyN9mkzIv0cwsQ0AEfeD.JNR.bToS\n'

export interface Registry {
  /** Where the engine finds it: without TLS, which engines take from their own loopback interface. */
  address: string
  stop: () => Promise<void>
}

/** An empty registry that wants a password, in the network of the engine that is the host `local`. */
export async function startRegistry(): Promise<Registry> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dockline-e2e-registry-'))
  const engine = await readFile(path.join(path.dirname(required('DOCKER_HOST').replace('unix://', '')), 'docker.pid'), 'utf8')
  await writeFile(path.join(folder, 'passwords'), PASSWORDS)
  let registry: Program | null = null
  const port = await onFreePort(async (port) => {
    const settings = [
      'version: 0.1',
      'storage: { filesystem: { rootdirectory: data } }',
      `http: { addr: "127.0.0.1:${port}" }`,
      'auth: { htpasswd: { realm: test, path: passwords } }',
    ]
    await writeFile(path.join(folder, 'config.yml'), settings.join('\n'))
    const args = [`--net=/proc/${engine.trim()}/ns/net`, '--', required('DOCKLINE_TEST_REGISTRY'), 'serve', 'config.yml']
    const started = new Program('nsenter', args, { cwd: folder, endsWith: 'SIGTERM' })
    await started.start(/listening on/)
    registry = started
  })
  const stop = async (): Promise<void> => {
    await registry?.end()
    await rm(folder, { recursive: true, force: true })
  }
  return { address: `127.0.0.1:${port}`, stop }
}
