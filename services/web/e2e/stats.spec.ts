import { IDLE } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'

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
