import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { required } from './environment'
import { Program } from './program'
import type { Place } from './server'

/** `nobody`, on every usual system. */
const NOBODY = 65_534
/** Ports from here on are the system's own for outgoing connections. */
const OUTGOING = 32_768
/** A port may be taken between our look and the server's. */
const TRIES = 5
/** Messages that are looked at here stay untranslated. */
const UNTRANSLATED = { LC_ALL: 'C.UTF-8' }

/** An empty Redis of its own; gives its URL. */
export async function startRedis({ folder, cleanup }: Place): Promise<string> {
  const program = path.join(folderWith('redis-server'), 'redis-server')
  const port = await onFreePort(async (port) => {
    // Its title would be written over the environment, by whose mark a test run finds what is left of it.
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--set-proc-title', 'no']
    const redis = new Program(program, args, { env: UNTRANSLATED })
    await redis.start(/Ready to accept connections/)
    cleanup.add(() => redis.end())
  })
  return `redis://127.0.0.1:${port}`
}

/** An empty PostgreSQL of its own; gives the URL of a database. */
export async function startPostgres({ folder, cleanup }: Place): Promise<string> {
  const programs = folderWith('initdb', 'postgres')
  const home = path.join(folder, 'postgres')
  await mkdir(home)
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? NOBODY : undefined
  if (user !== undefined) {
    await chown(home, user, user)
    await chmod(folder, 0o755)
  }
  const data = ['-D', path.join(home, 'data')]
  await promisify(execFile)(path.join(programs, 'initdb'), [...data, '-A', 'trust', '-U', 'dockline', '-N', '--encoding=UTF8', '--locale=C.UTF-8'], {
    cwd: home,
    env: { ...process.env, ...UNTRANSLATED },
    uid: user,
    gid: user,
  })
  // Nothing has to survive a failure of power. No Unix socket; shared memory in files, which go with the folder.
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'full_page_writes=off', 'dynamic_shared_memory_type=mmap']
  const port = await onFreePort(async (port) => {
    const args = [...data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])]
    const postgres = new Program(path.join(programs, 'postgres'), args, { env: UNTRANSLATED, cwd: home, user, endSignal: 'INT' })
    await postgres.start(/ready to accept connections/)
    cleanup.add(() => postgres.end())
  })
  return `postgres://dockline@127.0.0.1:${port}/postgres`
}

/** The first folder that holds all these programs. */
function folderWith(...programs: string[]): string {
  const folders = required('DOCKLINE_TEST_SERVERS').split(':')
  const found = folders.find((folder) => programs.every((program) => existsSync(path.join(folder, program))))
  if (found === undefined) throw new Error(`DOCKLINE_TEST_SERVERS names no folder with ${programs.join(' and ')}: set it to what deploy/setup/servers prints`)
  return found
}

export async function onFreePort(start: (port: number) => Promise<void>): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    try {
      await start(port)
      return port
    } catch (error) {
      if (tries === TRIES || !/address already in use/i.test(String(error))) throw error
    }
  }
}

async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * (OUTGOING - 10_000))
    const free = await new Promise<boolean>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (free) return port
  }
}
