import { docker, IDLE } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'
import { KEEPS_HISTORIES } from './support/server'

const BUSY = 'trap "exit 0" TERM; while true; do n=0; while [ $n -lt 20000 ]; do n=$((n+1)); done; sleep 0.05; done'

test('cards and charts show what a container uses', async ({ admin, containers }) => {
  const { id } = await containers.start('worker', BUSY, '--memory=64m')
  await admin.goto(containerPath(id, 'stats'))
  const card = (name: string) => admin.locator(`[data-stat="${name}"]`)
  await expect(card('CPU')).toContainText(/\d %/)
  await expect(card('Memory')).toContainText(/iB.*of 64\.0 MiB/s)
  await expect(card('Processes')).toContainText(/[1-9]/)
  await expect(admin.locator('.dl-connection[data-phase="live"]')).toBeVisible()
  await expect(admin.getByRole('img', { name: /^CPU\. CPU: now / })).toBeVisible()
  await expect(admin.locator('.uplot canvas')).toHaveCount(4)

  await admin.getByRole('button', { name: 'Table' }).click()
  const rows = admin.getByRole('table', { name: 'Samples' }).locator('tbody tr')
  const before = await rows.count()
  await expect.poll(() => rows.count(), 'one more every second').toBeGreaterThan(before + 1)
  await admin.getByRole('button', { name: '15 min' }).click()
  await expect(admin).toHaveURL(/view=table.*window=15|window=15.*view=table/)
})

test('a container that does not run uses nothing, until it starts', async ({ admin, containers }) => {
  const { id } = await containers.start('short', 'exit 3')
  await admin.goto(containerPath(id, 'stats'))
  await expect(admin.getByText('It does not run, so it uses nothing.')).toBeVisible()
  const { id: other, name } = await containers.start('idler', IDLE)
  await admin.goto(containerPath(other, 'overview'))
  await expect(admin.getByRole('heading', { name })).toBeVisible()
  await expect(admin.locator('[data-stat="Memory"]')).toContainText(/iB/)
})

test('charts reach back beyond what came live, and say how finely', async ({ admin, containers }) => {
  test.skip(!KEEPS_HISTORIES, 'this topology is without Kafka, and keeps no history')
  const { id } = await containers.start('worker', BUSY)
  const samples = admin.getByRole('table', { name: 'Samples' }).locator('tbody tr')
  await admin.goto(`${containerPath(id, 'stats')}?range=1h&view=table`)
  // Since a reload forgets what came live, what is there at once was kept.
  const atOnce = async (): Promise<number> => {
    await admin.reload()
    await expect(samples.first(), 'not before the history was read').toBeVisible()
    return samples.count()
  }
  await expect.poll(atOnce, { message: 'many seconds at once', timeout: 60_000 }).toBeGreaterThan(8)
  await expect(admin.locator('[data-step]')).toHaveText('As measured, every second, kept for 1 h')

  await admin.getByRole('button', { name: 'Charts' }).click()
  await expect(admin.locator('.uplot canvas')).toHaveCount(4)
  await expect(admin.getByRole('img', { name: /^CPU\. CPU: now \d.*, at most \d/ })).toBeVisible()
  for (const [range, step, said] of [['6 h', '10', 'Averages of 10 s, kept for 1 d'], ['24 h', '60', 'Averages of 1 min, kept for 14 d'], ['14 d', '60', 'Averages of 1 min, kept for 14 d']] as const) {
    await admin.getByRole('button', { name: range, exact: true }).click()
    await expect(admin).toHaveURL(new RegExp(`range=${range.replace(' ', '')}`))
    await expect(admin.locator(`[data-step="${step}"]`)).toHaveText(said)
    await expect(admin.locator('.uplot canvas')).toHaveCount(4)
  }

  await docker('stop', id)
  await admin.getByRole('button', { name: 'Live', exact: true }).click()
  // Until then a reload is still told the last sample.
  await expect(admin.getByRole('status').getByText('Ended')).toBeVisible()
  await admin.reload()
  await expect(admin.getByText('It does not run, so it uses nothing.')).toBeVisible()
  await admin.getByRole('button', { name: '1 h', exact: true }).click()
  await expect(admin.getByRole('img', { name: /^Memory\. Memory: now / }), 'its past is there').toBeVisible()
})

test('where no history is kept, that is said, and live samples are shown', async ({ admin, containers }) => {
  test.skip(KEEPS_HISTORIES, 'this topology keeps histories')
  test.setTimeout(120_000)
  const { id } = await containers.start('worker', BUSY)
  await admin.goto(`${containerPath(id, 'stats')}?range=24h`)
  await expect(admin.getByText(/A cluster without Kafka keeps no history/)).toBeVisible()
  await expect(admin.locator('.uplot canvas')).toHaveCount(4)
  await expect(admin.getByText('No history is kept of this container.'), 'sure after a while').toBeVisible({ timeout: 60_000 })
  await expect(admin.getByRole('img', { name: /^CPU\. CPU: now / })).toBeVisible()
})
