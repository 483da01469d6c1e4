import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The docker CLI, on the engine that the tests were given. */
export async function docker(...args: string[]): Promise<string> {
  const cli = process.env.DOCKLINE_TEST_DOCKER ?? 'docker'
  const { stdout } = await run(cli, ['-H', process.env.DOCKER_HOST ?? '', ...args], { maxBuffer: 64 * 1024 * 1024 })
  return stdout.trim()
}

export interface Container {
  id: string
  name: string
}

const IMAGE = 'local/busybox:1'

/** Containers that a test starts; all of them are gone when it ends. */
export class Containers {
  private readonly made: string[] = []

  async start(name: string, script: string, ...options: string[]): Promise<Container> {
    const unique = `${name}-${randomBytes(3).toString('hex')}`
    const id = await docker(
      'run', '-d', '--pull=never', '--network=none', '--label=dockline.test=1', '--stop-timeout=1',
      `--name=${unique}`, ...options, IMAGE, 'sh', '-c', script,
    )
    this.made.push(id)
    return { id, name: unique }
  }

  async removeAll(): Promise<void> {
    // One that a test removed itself is no error.
    await Promise.all(this.made.map((id) => docker('rm', '-f', '-v', id).catch(() => undefined)))
  }
}

/** Prints `line 1`, `line 2` …, ten a second, and ends at once when it is asked to. */
export const TEN_A_SECOND = 'trap "exit 0" TERM; n=0; while true; do n=$((n+1)); echo "line $n"; sleep 0.1; done'

/** Only waits. */
export const IDLE = 'trap "exit 0" TERM; while true; do sleep 0.2; done'
