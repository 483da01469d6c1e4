import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { docker, IDLE } from './support/engine'
import { expect, test } from './support/fixtures'

const row = (page: Page, name: string) => page.locator(`[data-stack="${name}"]`)
const unique = (name: string) => `${name}-${randomBytes(3).toString('hex')}`
const file = (page: Page) => page.getByRole('textbox', { name: 'Compose file' })

function compose(mood: string): string {
  return `services:
  web:
    image: local/busybox:1
    command: ["sh", "-c", ${JSON.stringify(IDLE)}]
    stop_grace_period: 1s
    labels: { mood: "${mood}" }
    environment:
      SECRET: \${SECRET}
`
}

const containersOf = (name: string) => docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${name}`)
const moodOf = (name: string) => docker('ps', '-a', '--filter', `label=com.docker.compose.project=${name}`, '--format', '{{.Label "mood"}}')

/** Whatever is left of a stack. */
async function clear(name: string): Promise<void> {
  for (const id of (await containersOf(name)).split('\n').filter((line) => line !== '')) await docker('rm', '-f', '-v', id)
  await docker('network', 'rm', `${name}_default`).catch(() => undefined)
}

/** Of the stack's page; the sidebar has a link to all jobs as well. */
const tab = (page: Page, stack: string, label: string) =>
  page.getByRole('navigation', { name: `Pages of ${stack}` }).getByRole('link', { name: label })

/** The last job of this stack is through. */
async function done(page: Page, title: string): Promise<void> {
  const job = page.getByRole('region', { name: 'Background jobs' }).locator('[data-job]').filter({ hasText: title }).first()
  await expect(job).toContainText('Done', { timeout: 60_000 })
}

test('a stack is written, refused at its line, deployed, changed, rolled back, stopped, started and removed', async ({ admin }) => {
  test.setTimeout(300_000)
  const name = unique('shop')
  const dialog = admin.getByRole('dialog')
  try {
    await test.step('an invalid file is refused before anything happens', async () => {
      await admin.goto('/stacks')
      await admin.getByRole('link', { name: 'Deploy stack' }).first().click()
      await expect(file(admin)).toBeVisible()
      await admin.getByLabel('Name', { exact: true }).fill('Not A Name')
      await expect(admin.getByRole('alert')).toContainText('small letters')
      await admin.getByLabel('Name', { exact: true }).fill(name)
      await file(admin).fill(compose('calm').replace('stop_grace_period: 1s', 'stop_grace_period: [1s'))
      await admin.getByRole('button', { name: 'Validate' }).click()
      await expect(admin.getByRole('alert')).toContainText(/line \d/i)
      await expect(admin.locator('.cm-lint-marker-error'), 'at its line').toBeVisible()
      await expect(containersOf(name)).resolves.toBe('')
    })

    await test.step('deploy', async () => {
      await file(admin).fill(compose('calm'))
      await admin.getByRole('button', { name: 'Validate' }).click()
      await expect(admin.getByText('The file is valid.')).toBeVisible()
      await admin.getByRole('button', { name: 'Add it to the variables' }).click()
      await admin.getByLabel('Value of variable SECRET').fill('hush')
      await admin.getByRole('button', { name: 'Deploy' }).click()
      await expect(admin).toHaveURL(new RegExp(`/hosts/local/stacks/${name}/services`))
      await done(admin, `Deploy ${name}`)
      await expect(admin.locator('[data-service="web"]')).toContainText('running')
      await expect(moodOf(name)).resolves.toBe('calm')
    })

    await test.step('change it', async () => {
      await tab(admin, name, 'Compose file').click()
      await expect(file(admin)).toContainText('calm')
      await expect(admin.getByLabel('Value of variable SECRET')).toHaveAttribute('type', 'password')
      await expect(admin.getByRole('button', { name: 'Deploy' }), 'nothing to deploy').toBeDisabled()
      await file(admin).fill(compose('wild'))
      await tab(admin, name, 'Jobs').click()
      await dialog.getByRole('button', { name: 'Stay' }).click()
      await admin.getByRole('button', { name: 'Deploy' }).click()
      await expect(admin.getByRole('region', { name: 'Revisions' })).toContainText('Revision 2')
      await expect.poll(() => moodOf(name), { timeout: 60_000 }).toBe('wild')
    })

    await test.step('roll back', async () => {
      await admin.getByRole('link', { name: 'Revision 1' }).click()
      await expect(file(admin)).toContainText('calm')
      await expect(admin.getByRole('button', { name: 'Roll back to it' }), 'one job of a stack at a time').toBeEnabled({ timeout: 30_000 })
      await admin.getByRole('button', { name: 'Roll back to it' }).click()
      await dialog.getByRole('button', { name: 'Roll back' }).click()
      await expect(admin).toHaveURL(/\/services$/)
      await expect.poll(() => moodOf(name), { timeout: 60_000 }).toBe('calm')
      await tab(admin, name, 'Jobs').click()
      await expect(admin.getByRole('table', { name: 'Jobs' }).locator('[data-job]')).toHaveCount(3)
    })

    await test.step('stop, and take that back', async () => {
      await expect(admin.getByRole('button', { name: 'Stop' })).toBeEnabled({ timeout: 30_000 })
      await admin.getByRole('button', { name: 'Stop' }).click()
      await expect(admin.locator('.dl-header')).toContainText('Stopped', { timeout: 30_000 })
      await admin.getByRole('button', { name: 'Start', exact: true }).click({ timeout: 30_000 })
      await expect(admin.locator('.dl-header')).toContainText('Running', { timeout: 30_000 })
    })

    await test.step('remove', async () => {
      await admin.goto('/stacks')
      await expect(row(admin, name)).toContainText('1/1')
      await admin.getByRole('button', { name: `More actions for ${name}` }).click()
      await admin.getByRole('menuitem', { name: 'Remove…' }).click()
      await expect(dialog.getByRole('button', { name: 'Remove stack' })).toBeDisabled()
      await dialog.getByLabel(`Type ${name} to confirm`).fill(name)
      await dialog.getByRole('button', { name: 'Remove stack' }).click()
      await expect(row(admin, name)).toBeHidden({ timeout: 60_000 })
      await expect(containersOf(name)).resolves.toBe('')
    })
  } finally {
    await clear(name)
  }
})

test('a stack that was started elsewhere is found and adopted', async ({ admin, containers }) => {
  const name = unique('found')
  const labels = { project: name, service: 'web', 'config-hash': 'of-elsewhere', 'container-number': '1', oneoff: 'False', 'project.config_files': '/srv/found/compose.yaml', 'project.working_dir': '/srv/found' }
  await containers.start('found', IDLE, ...Object.entries(labels).map(([key, value]) => `--label=com.docker.compose.${key}=${value}`))
  await admin.goto('/stacks')
  await expect(row(admin, name)).toContainText('elsewhere')
  await row(admin, name).getByRole('link', { name }).click()
  await expect(admin.getByRole('region', { name: 'Origin' })).toContainText('/srv/found/compose.yaml')
  await tab(admin, name, 'Compose file').click()
  await file(admin).fill(compose('calm'))
  await admin.getByRole('button', { name: 'Adopt' }).click()
  await expect(admin.getByText(`Adopted ${name}`)).toBeVisible()
  await expect(admin.getByRole('region', { name: 'Revisions' })).toContainText('adopted by ada')
  await expect(admin.locator('.dl-header')).toContainText('Dockline, revision 1')
  await admin.getByRole('button', { name: `More actions for ${name}` }).click()
  await admin.getByRole('menuitem', { name: 'Remove…' }).click()
  await admin.getByRole('dialog').getByLabel(`Type ${name} to confirm`).fill(name)
  await admin.getByRole('dialog').getByRole('button', { name: 'Remove stack' }).click()
  await expect(admin).toHaveURL(/\/stacks$/)
  await expect(row(admin, name)).toBeHidden({ timeout: 60_000 })
})

test('what reaches the host is listed, and only an administrator may deploy it', async ({ admin, contextOf }) => {
  const reaching = compose('calm').replace('stop_grace_period', 'privileged: true\n    stop_grace_period')
  const operator = await (await contextOf('operator')).newPage()
  for (const page of [operator, admin]) {
    await page.goto('/stacks/new')
    await page.getByLabel('Name', { exact: true }).fill(unique('reach'))
    await file(page).fill(reaching)
    await page.getByRole('button', { name: 'Deploy' }).click()
    await expect(page.getByRole('alert')).toContainText('privileged')
    await expect(page).toHaveURL(/\/stacks\/new$/)
  }
  await expect(operator.getByLabel('Deploy it all the same')).toHaveCount(0)
  await expect(operator.getByRole('alert')).toContainText('takes an administrator')
  await expect(admin.getByLabel('Deploy it all the same')).not.toBeChecked()
  await operator.close()
})

test('a viewer sees stacks, no file of them and no way to change them', async ({ contextOf, containers }) => {
  const name = unique('seen')
  await containers.start('seen', IDLE, `--label=com.docker.compose.project=${name}`, '--label=com.docker.compose.service=web')
  const page = await (await contextOf('viewer')).newPage()
  await page.goto('/stacks')
  await expect(row(page, name)).toContainText('1/1')
  await expect(page.getByRole('link', { name: 'Deploy stack' })).toHaveCount(0)
  await row(page, name).getByRole('link', { name }).click()
  await expect(page.locator('[data-service="web"]')).toContainText('running')
  await page.getByRole('link', { name: 'Compose file' }).click()
  await expect(page.getByText('Dockline has no file of it.')).toBeVisible()
  await page.close()
})
