import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { composePlugin } from './environment'
import type { Place, Started } from './server'

/** What `make cluster` runs, and `make cluster-down`. */
const SCRIPTS = path.resolve('../../deploy/cluster')
/** A port may be taken between the script's look and the server's. */
const TRIES = 5

/** The whole local cluster: replicas, streamers and consumers behind Traefik, as an operator starts it. */
export async function startBehindTraefik(engine: string, { folder, cleanup }: Place): Promise<Started> {
  // PostgreSQL, which does not run as root, has to get there.
  await chmod(folder, 0o755)
  const directory = path.join(folder, 'cluster')
  const run = async (script: string, port: number, ...args: string[]): Promise<string> => {
    const env = {
      ...process.env,
      DOCKER_HOST: engine,
      DOCKLINE_CLUSTER_DIR: directory,
      DOCKLINE_CLUSTER_PORT: `${port}`,
      DOCKLINE_COMPOSE: composePlugin(),
    }
    const { stdout } = await promisify(execFile)(path.join(SCRIPTS, script), args, { env })
    return stdout
  }
  for (let tries = 1; ; tries++) {
    // The other ports are counted from 10,000 above it, and stay below those of outgoing connections.
    const port = 10_000 + Math.floor(Math.random() * 120) * 100
    try {
      const printed = await run('up', port)
      cleanup.add(() => run('down', port, '--delete-data'))
      const found = (pattern: RegExp): string => pattern.exec(printed)?.[1] ?? ''
      return {
        url: found(/dockline ready on (\S+)/),
        setupUrl: found(/set up the first administrator: (\S+)/),
        restart: async () => {
          await run('down', port)
          await run('up', port)
        },
      }
    } catch (error) {
      await run('down', port, '--delete-data')
      if (tries === TRIES || !String(error).includes('another program listens')) throw error
    }
  }
}
