import { DocklineProcess } from './docklineProcess'
import type { Place, Started } from './server'

/** One process. */
export async function startStandalone(engine: string, { folder, cleanup }: Place): Promise<Started> {
  const dockline = new DocklineProcess([], { DOCKLINE_DATA_DIR: folder, DOCKER_HOST: engine })
  cleanup.add(() => dockline.end())
  await dockline.startFresh()
  const { url, setupUrl } = dockline
  const restart = async (): Promise<void> => {
    await dockline.end()
    await dockline.startReady(new URL(url).host)
  }
  return { url, setupUrl, restart }
}
