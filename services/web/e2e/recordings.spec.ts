import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { IDLE } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'

const terminal = (page: Page) => page.getByRole('region', { name: 'Terminal' })
const rows = (page: Page) => terminal(page).locator('.xterm-accessibility-tree')
/** The recordings' own terminal. */
const stage = (page: Page) => page.getByRole('region', { name: 'Recording' }).locator('.xterm-accessibility-tree')

test.skip(process.env.DOCKLINE_E2E_TOPOLOGY === 'traefik', '`make cluster` records no terminal')

test('a recorded terminal says so, is watched by an administrator, and deleted', async ({ admin, contextOf, containers }) => {
  const { id, name } = await containers.start('recorded', IDLE, '--label=io.dockline.record=true')
  const operator = await (await contextOf('operator')).newPage()
  await operator.goto(containerPath(id, 'terminal'))
  await operator.getByRole('button', { name: 'Open terminal' }).click()
  await expect(terminal(operator)).toHaveAttribute('data-phase', 'open')
  await expect(terminal(operator).getByText('Recorded')).toBeVisible()
  await operator.keyboard.type('echo kept-$((40 + 2))\n')
  await expect(rows(operator)).toContainText('kept-42')
  await operator.keyboard.type('exit 3\n')
  await expect(terminal(operator)).toContainText('exited 3')
  await operator.goto('/admin/recordings')
  await expect(operator.getByText('recordings.read'), 'it is for administrators').toBeVisible()
  await operator.close()

  await admin.goto(`/admin/recordings?container=${name}`)
  const row = admin.getByRole('row', { name: new RegExp(name) })
  await expect(row).toContainText('grace')
  await expect(row).toContainText('exited 3')
  await row.getByRole('link', { name }).click()
  await expect(admin.getByRole('heading', { name: `grace in ${name}` })).toBeVisible()
  await expect(stage(admin), 'it plays by itself').toContainText('kept-42')
  const position = admin.getByRole('slider', { name: 'Position' })
  await admin.getByRole('button', { name: '8×' }).click()
  await expect(admin.getByRole('button', { name: 'Play' }), 'it ends').toBeVisible()
  await admin.getByRole('button', { name: 'To the beginning' }).click()
  await expect(position).toHaveAttribute('aria-valuetext', /^0:00 of /)
  await expect(stage(admin), 'it was wound back').not.toContainText('kept-42')
  await position.press('End')
  await expect(stage(admin)).toContainText('kept-42')

  const saved = admin.waitForEvent('download')
  await admin.getByRole('button', { name: 'Download' }).click()
  const cast = await readFile(await (await saved).path(), 'utf8')
  expect(JSON.parse(cast.split('\n')[0] ?? '')).toMatchObject({ version: 2 })
  expect(cast).toContain('kept-42')

  await admin.getByRole('button', { name: 'Delete' }).click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await expect(admin).toHaveURL(/\/admin\/recordings$/)
  await expect(row).toHaveCount(0)
})

test('what is not to be recorded is not', async ({ admin, containers }) => {
  const { id, name } = await containers.start('private', IDLE)
  await admin.goto(containerPath(id, 'terminal'))
  await admin.getByRole('button', { name: 'Open terminal' }).click()
  await expect(terminal(admin)).toHaveAttribute('data-phase', 'open')
  await expect(terminal(admin).getByText('Recorded')).toHaveCount(0)
  await admin.goto(`/admin/recordings?container=${name}`)
  await expect(admin.getByText('No recording matches.')).toBeVisible()
})
