import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { required } from './environment'

const run = promisify(execFile)

/** The docker CLI, on the engine that the tests were given. */
export function docker(...args: string[]): Promise<string> {
  return dockerAt(required('DOCKER_HOST'), ...args)
}

export async function dockerAt(engine: string, ...args: string[]): Promise<string> {
  const cli = process.env.DOCKLINE_TEST_DOCKER ?? 'docker'
  const { stdout } = await run(cli, ['-H', engine, ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout.trim()
}

/** The address of an engine of `DOCKLINE_TEST_ENGINES` besides the one that is the host `local`. */
export function otherEngine(): string {
  const engines = required('DOCKLINE_TEST_ENGINES').split(',').map((entry) => entry.slice(entry.indexOf('=') + 1))
  const other = engines.find((engine) => engine !== required('DOCKER_HOST'))
  if (other === undefined) throw new Error('DOCKLINE_TEST_ENGINES names no engine besides the one at DOCKER_HOST: start both with deploy/engines/up')
  return other
}

export interface Container {
  id: string
  name: string
}

const IMAGE = 'local/busybox:1'

/** Containers that a test starts, and volumes of theirs; all of them are gone when it ends. */
export class Containers {
  private readonly made: string[] = []
  private readonly volumes: string[] = []
  private readonly engine: string

  constructor(engine = required('DOCKER_HOST')) {
    this.engine = engine
  }

  async start(name: string, script: string, ...options: string[]): Promise<Container> {
    const unique = `${name}-${randomBytes(3).toString('hex')}`
    const id = await dockerAt(
      this.engine, 'run', '-d', '--pull=never', '--network=none', '--label=dockline.test=1', '--stop-timeout=1',
      `--name=${unique}`, ...options, IMAGE, 'sh', '-c', script,
    )
    this.made.push(id)
    return { id, name: unique }
  }

  /** A new volume's name. */
  async volume(name: string): Promise<string> {
    const unique = `${name}-${randomBytes(3).toString('hex')}`
    await dockerAt(this.engine, 'volume', 'create', unique)
    this.volumes.push(unique)
    return unique
  }

  async removeAll(): Promise<void> {
    // One that a test removed itself is no error.
    await Promise.all(this.made.map((id) => dockerAt(this.engine, 'rm', '-f', '-v', id).catch(() => undefined)))
    await Promise.all(this.volumes.map((name) => dockerAt(this.engine, 'volume', 'rm', '-f', name)))
  }
}

/** Prints `line 1`, `line 2` …, ten a second, and ends at once when it is asked to. */
export const TEN_A_SECOND = 'trap "exit 0" TERM; n=0; while true; do n=$((n+1)); echo "line $n"; sleep 0.1; done'

/** Only waits. */
export const IDLE = 'trap "exit 0" TERM; while true; do sleep 0.2; done'
