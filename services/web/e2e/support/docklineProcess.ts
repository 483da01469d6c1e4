import { composePlugin, required } from './environment'
import { Program } from './program'

/** What is off unless it is asked for. */
export const FEATURES = { DOCKLINE_RECORD_TERMINALS: 'labelled' }

/** A process of Dockline, of whatever role. */
export class DocklineProcess extends Program {
  constructor(args: string[], env: Record<string, string>) {
    super(required('DOCKLINE_BIN'), args, { env: { DOCKLINE_COMPOSE: composePlugin(), ...FEATURES, ...env } })
  }

  async startReady(listen = '127.0.0.1:0'): Promise<void> {
    await this.start(/dockline ready on \S+\n/, { DOCKLINE_LISTEN: listen })
  }

  /** As the first of an installation, which prints a link. */
  async startFresh(): Promise<void> {
    await this.start(/set up the first administrator: \S+\n/, { DOCKLINE_LISTEN: '127.0.0.1:0' })
  }

  get url(): string {
    return this.printed(/dockline ready on (\S+)/)
  }

  get setupUrl(): string {
    return this.printed(/set up the first administrator: (\S+)/)
  }
}
