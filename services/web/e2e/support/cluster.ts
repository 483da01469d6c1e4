import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { promisify } from 'node:util'
import { all } from './cleanup'
import { DocklineProcess } from './docklineProcess'
import { required } from './environment'
import { RoundRobin } from './roundRobin'
import type { Place, Started } from './server'
import { startPostgres, startRedis } from './stores'

const REPLICAS = 2
const STREAMERS = 2

/** Replicas behind a proxy that sends every request to the next of them, streamers, a worker, and the stores they share. */
export async function startCluster(engine: string, { folder, cleanup }: Place): Promise<Started> {
  const proxy = await RoundRobin.listen()
  cleanup.add(() => proxy.close())
  const [redis, database] = await all([startRedis({ folder, cleanup }), startPostgres({ folder, cleanup })])

  const common = {
    DOCKLINE_DATA_DIR: folder,
    DOCKLINE_SECRET_KEY: randomBytes(32).toString('base64'),
    DOCKLINE_REDIS_URL: redis,
    DOCKLINE_BACKUP_DIR: path.join(folder, 'backups'),
    DOCKER_HOST: '',
  }
  const ofReplicas = {
    ...common,
    DOCKLINE_DATABASE_URL: database,
    // Streamers learn the hosts from the replicas.
    DOCKLINE_HOSTS: `local=${engine}`,
    DOCKLINE_PUBLIC_URL: proxy.url,
    DOCKLINE_TRUSTED_PROXIES: '127.0.0.1/32',
  }
  await promisify(execFile)(required('DOCKLINE_BIN'), ['migrate'], { env: { ...process.env, ...ofReplicas } })

  const replicas = Array.from({ length: REPLICAS }, () => new DocklineProcess(['api'], ofReplicas))
  const streamers = Array.from({ length: STREAMERS }, () => new DocklineProcess(['streamer'], common))
  const worker = new DocklineProcess(['worker'], { ...common, DOCKLINE_DATABASE_URL: database })
  for (const started of [...replicas, ...streamers, worker]) cleanup.add(() => started.end())
  await all([...replicas.map((replica) => replica.startFresh()), ...[...streamers, worker].map((other) => other.startReady())])
  for (const replica of replicas) proxy.add(replica.url)

  // One after the other, so that there is always somebody to answer.
  const restart = async (): Promise<void> => {
    for (const replica of replicas) {
      proxy.remove(replica.url)
      await replica.end()
      await replica.startReady()
      proxy.add(replica.url)
    }
    for (const other of [...streamers, worker]) {
      await other.end()
      await other.startReady()
    }
  }
  return { url: proxy.url, setupUrl: replicas[0]?.setupUrl ?? '', restart }
}
