import type { Page } from '@playwright/test'
import { IDLE } from './support/engine'
import { ADMIN, containerPath, expect, OTHERS, test } from './support/fixtures'

const SECRET = 'a-value-that-viewers-must-not-see'

test('a viewer sees no actions, no values and no administration', async ({ contextOf, containers }) => {
  const context = await contextOf('viewer')
  const { id, name } = await containers.start('idler', IDLE, '--env', `PLANTED=${SECRET}`, '--label', `planted=${SECRET}`)
  const page = await context.newPage()
  const answers: string[] = []
  page.on('response', (response) => {
    if (response.url().includes('/api/')) void response.text().then((text) => answers.push(text), () => undefined)
  })
  await page.goto('/containers')
  await expect(page.getByRole('link', { name })).toBeVisible()
  await expect(page.getByRole('button', { name: `Stop ${name}` })).toHaveCount(0)
  await page.getByRole('button', { name: `More actions for ${name}` }).click()
  await expect(page.getByRole('menuitem')).toHaveText(['Logs', 'Copy ID'])
  await page.keyboard.press('Escape')
  await expect(page.getByRole('link', { name: 'Users' })).toHaveCount(0)
  await expect(page.getByRole('link', { name: 'Audit log' })).toHaveCount(0)

  await page.goto(containerPath(id, 'inspect'))
  await expect(page.getByRole('row', { name: /PLANTED/ })).toContainText('hidden')
  await expect(page.getByRole('button', { name: 'Show values' })).toHaveCount(0)
  await page.getByRole('button', { name: 'JSON' }).click()
  await expect(page.getByLabel('JSON', { exact: true }).last()).toContainText('PLANTED')
  expect(await page.content()).not.toContain(SECRET)
  expect(answers.join('\n')).not.toContain(SECRET)

  for (const path of ['/admin/users', '/admin/audit']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { name: 'No access' })).toBeVisible()
  }
  await page.goto('/admin/nothing')
  await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible()
  await page.close()
})

test('an operator runs containers and sees values, but administers nothing', async ({ contextOf, containers }) => {
  const context = await contextOf('operator')
  const { id, name } = await containers.start('idler', IDLE, '--env', `PLANTED=${SECRET}`)
  const page = await context.newPage()
  await page.goto(containerPath(id, 'inspect'))
  await expect(page.getByRole('row', { name: /PLANTED/ })).not.toContainText(SECRET)
  await page.getByRole('button', { name: 'Show values' }).click()
  await expect(page.getByRole('row', { name: /PLANTED/ })).toContainText(SECRET)
  await page.getByRole('button', { name: 'Restart' }).click()
  await expect(page.getByText(`Restarted ${name}`)).toBeVisible()
  await expect(page.getByRole('link', { name: 'Users' })).toHaveCount(0)
  await page.close()
})

test('who is disabled is signed out, and comes back when enabled', async ({ admin, contextOf }) => {
  const context = await contextOf('operator')
  const page = await context.newPage()
  await page.goto('/events')
  await expect(page.locator('.dl-connection[data-phase="live"]')).toBeVisible()

  const name = OTHERS.operator.username
  await admin.goto('/admin/users')
  await act(admin, name, 'Disable')
  await expect(admin.locator(`[data-user="${name}"]`)).toContainText('Disabled')
  await expect(page, 'within seconds, without a click').toHaveURL(/\/login/)

  await act(admin, name, 'Enable')
  await expect(admin.locator(`[data-user="${name}"]`)).toContainText('Enabled')
  await page.getByLabel('Username').fill(name)
  await page.getByLabel('Password').fill(OTHERS.operator.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Events' })).toBeVisible()
  await page.close()
})

test('users are added, changed and deleted, and the audit log tells it all', async ({ admin }) => {
  const name = `temp-${Date.now() % 100_000}`
  await admin.goto('/admin/users')
  await admin.getByRole('button', { name: 'Add user' }).click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByLabel('Username').fill(ADMIN.username)
  await dialog.getByLabel('Password', { exact: true }).fill('a password of length')
  await dialog.getByRole('button', { name: 'Add user' }).click()
  await expect(dialog.getByRole('alert'), 'the name is taken').toBeVisible()
  await dialog.getByLabel('Username').fill(name)
  await dialog.getByRole('button', { name: 'Add user' }).click()
  const row = admin.locator(`[data-user="${name}"]`)
  await expect(row).toContainText('Viewer')

  await act(admin, name, 'Change role…')
  await dialog.getByRole('radio', { name: /^Operator/ }).check()
  await dialog.getByRole('button', { name: 'Change role' }).click()
  await expect(row).toContainText('Operator')
  await act(admin, name, 'Set password…')
  await dialog.getByLabel('New password').fill('short')
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await expect(dialog.getByRole('alert')).toContainText('12')
  await dialog.getByLabel('New password').fill('another long password')
  await dialog.getByRole('button', { name: 'Set password' }).click()
  await expect(dialog).toBeHidden()
  await act(admin, name, 'Delete…')
  await dialog.getByRole('button', { name: 'Delete user' }).click()
  await expect(row).toBeHidden()

  await admin.goto('/admin/audit')
  await admin.getByRole('textbox', { name: 'Search the audit log' }).fill(name)
  const lines = admin.locator('[data-audit]')
  await expect(lines.filter({ hasText: 'user.create' }).filter({ hasText: 'success' })).not.toHaveCount(0)
  await expect(lines.filter({ hasText: 'user.delete' }).filter({ hasText: 'success' })).not.toHaveCount(0)
  await expect(lines.first()).toContainText(ADMIN.username)
  await admin.getByLabel('Outcome').selectOption('denied')
  await expect(lines).toHaveCount(0)
  await admin.getByRole('button', { name: 'Clear the filters' }).click()
  await expect(lines).not.toHaveCount(0)
  await lines.first().getByRole('button').click()
  await expect(admin.locator('.dl-detail-row')).toContainText('Request')
})

async function act(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}
