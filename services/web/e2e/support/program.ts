import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

/** On a machine that is busy with something else. */
const START_DEADLINE = 60_000
/** Dockline itself takes up to 25 s. */
const END_DEADLINE = 35_000

interface Options {
  env?: Record<string, string>
  cwd?: string
  /** As this user and group instead of the own. */
  user?: number
  /** What ends it cleanly. */
  endSignal?: 'TERM' | 'INT'
  /** With what it ends then; 0 for one that handles the signal. */
  endsWith?: '0' | 'SIGTERM'
}

/** A program that runs until it is ended, at the latest with this process. */
export class Program {
  private readonly file: string
  private readonly args: string[]
  private readonly options: Options
  private child: ChildProcess | null = null
  private ended: Promise<string> = Promise.resolve('')
  private output = ''

  constructor(file: string, args: string[], options: Options = {}) {
    this.file = file
    this.args = args
    this.options = options
  }

  /** Starts it and waits until it prints something like this. */
  async start(ready: RegExp, more: Record<string, string> = {}): Promise<void> {
    this.output = ''
    const { env, cwd, user, endSignal = 'TERM' } = this.options
    const as = user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--clear-groups']
    const child = spawn('setpriv', ['--pdeathsig', endSignal, ...as, '--', this.file, ...this.args], {
      cwd,
      env: { ...process.env, ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(String(code ?? signal)))
      child.once('error', (error) => resolve(error.message))
    })
    const readied = new Promise<void>((resolve) => {
      const collect = (data: Buffer): void => {
        this.output += data.toString()
        if (ready.test(this.output)) resolve()
      }
      child.stdout.on('data', collect)
      child.stderr.on('data', collect)
    })
    const early = this.ended.then((how) => this.failure(`ended early with ${how}`))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<Error>((resolve) => {
      timer = setTimeout(() => resolve(this.failure('did not get ready')), START_DEADLINE)
    })
    const error = await Promise.race([readied, early, late])
    clearTimeout(timer)
    if (error === undefined) return
    this.child = null
    child.kill('SIGKILL')
    await this.ended
    throw error
  }

  /** What it printed since it was started: the first group of the pattern, or nothing. */
  printed(pattern: RegExp): string {
    return pattern.exec(this.output)?.[1] ?? ''
  }

  /** Ends it as an operator would; an error when it ended before, or not well. Nothing to do when it was not started. */
  async end(): Promise<void> {
    const child = this.child
    this.child = null
    if (child === null) return
    const before = child.exitCode !== null || child.signalCode !== null
    child.kill(`SIG${this.options.endSignal ?? 'TERM'}`)
    const timer = setTimeout(() => child.kill('SIGKILL'), END_DEADLINE)
    const how = await this.ended
    clearTimeout(timer)
    if (before || how !== (this.options.endsWith ?? '0')) throw this.failure(`ended ${before ? 'by itself, ' : ''}with ${how}`)
  }

  private failure(what: string): Error {
    return new Error(`${[path.basename(this.file), ...this.args].join(' ')} ${what}:\n${this.output.slice(-4000)}`)
  }
}
