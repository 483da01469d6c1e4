import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Cleanup } from './cleanup'
import { startCluster } from './cluster'
import { required } from './environment'
import { startStandalone } from './standalone'
import { startBehindTraefik } from './traefik'

/** The real program, freshly installed. */
export interface Dockline extends Started {
  /** Ends and removes everything; an error when a process of it had ended before, or did not end well. */
  stop: () => Promise<void>
}

export interface Started {
  /** Where browsers find it. */
  url: string
  /** The link that makes the first administrator. */
  setupUrl: string
  /** Ends every process of it as an operator would, and starts it again. The address stays. */
  restart: () => Promise<void>
}

/** Where an installation keeps its files, and who takes away what it starts. */
export interface Place {
  folder: string
  cleanup: Cleanup
}

const TOPOLOGIES = new Map([
  ['standalone', startStandalone],
  ['cluster', startCluster],
  ['traefik', startBehindTraefik],
])

const topology = process.env.DOCKLINE_E2E_TOPOLOGY ?? 'standalone'

/** Whether histories are kept: one process keeps its own, a cluster needs Kafka and consumers, which `cluster` is without. */
export const KEEPS_HISTORIES = topology !== 'cluster'

/** Starts what `DOCKLINE_E2E_TOPOLOGY` says, with this engine as its host `local`. */
export async function startDockline(engine = required('DOCKER_HOST')): Promise<Dockline> {
  const start = TOPOLOGIES.get(topology)
  if (start === undefined) throw new Error(`DOCKLINE_E2E_TOPOLOGY is ${topology}: write ${[...TOPOLOGIES.keys()].join(', ')}`)
  const cleanup = new Cleanup()
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'dockline-e2e-'))
    cleanup.add(() => rm(folder, { recursive: true, force: true }))
    return { ...(await start(engine, { folder, cleanup })), stop: () => cleanup.run() }
  } catch (error) {
    await cleanup.run().catch(() => undefined)
    throw error
  }
}
