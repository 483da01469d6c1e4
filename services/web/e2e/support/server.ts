import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The real binary, with a folder of its own for its data. */
export class Dockline {
  url = ''
  /** The link that makes the first administrator; empty once it was used. */
  setupUrl = ''
  private process: ChildProcess | null = null
  private output = ''
  private readonly folder: string
  private readonly engine: string

  private constructor(folder: string, engine: string) {
    this.folder = folder
    this.engine = engine
  }

  static async start(engine = required('DOCKER_HOST')): Promise<Dockline> {
    const server = new Dockline(await mkdtemp(path.join(tmpdir(), 'dockline-e2e-')), engine)
    await server.run('127.0.0.1:0', /set up the first administrator: (\S+)/)
    return server
  }

  /** Ends the server as an operator would, and starts it again at the same address. */
  async restart(): Promise<void> {
    await this.end()
    await this.run(new URL(this.url).host)
  }

  async stop(): Promise<void> {
    await this.end()
    await rm(this.folder, { recursive: true, force: true })
  }

  private async run(listen: string, until = /dockline ready on (\S+)/): Promise<void> {
    this.output = ''
    const child = spawn(required('DOCKLINE_BIN'), [], {
      env: { ...process.env, DOCKLINE_DATA_DIR: this.folder, DOCKLINE_LISTEN: listen, DOCKER_HOST: this.engine },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.process = child
    child.stderr.on('data', (data: Buffer) => this.collect(data))
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (data: Buffer) => {
        this.collect(data)
        if (until.test(this.output)) resolve()
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`dockline ended with ${code}:\n${this.output}`)))
    })
    this.url = /dockline ready on (\S+)/.exec(this.output)?.[1] ?? ''
    this.setupUrl = /set up the first administrator: (\S+)/.exec(this.output)?.[1] ?? ''
  }

  private collect(data: Buffer): void {
    this.output += data.toString()
  }

  private async end(): Promise<void> {
    const child = this.process
    this.process = null
    if (child === null || child.exitCode !== null) return
    child.removeAllListeners('exit')
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 35_000)
    await ended
    clearTimeout(timer)
  }
}

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`the browser tests need ${name} in the environment`)
  return value
}
