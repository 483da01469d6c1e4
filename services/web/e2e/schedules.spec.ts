import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { docker } from './support/engine'
import { expect, test } from './support/fixtures'

const row = (page: Page, name: string) => page.locator(`[data-schedule="${name}"]`)

async function act(page: Page, name: string, item: string): Promise<void> {
  await row(page, name).getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('a schedule is written, run now, changed, disabled and deleted', async ({ admin }) => {
  test.setTimeout(150_000)
  const volume = `e2e-${randomBytes(3).toString('hex')}`
  const name = `Back up ${volume}`
  const dialog = admin.getByRole('dialog')
  await docker('volume', 'create', '--label=dockline.test=1', volume)
  try {
    await test.step('write', async () => {
      await admin.goto('/schedules')
      await admin.getByRole('button', { name: 'Add schedule' }).first().click()
      await dialog.getByLabel('What it does').selectOption({ label: 'Back up a volume' })
      await dialog.getByLabel('Cron expression').fill('61 * * * *')
      await dialog.getByRole('button', { name: 'Add schedule' }).click()
      await expect(dialog.getByRole('alert').first(), 'what is missing').toBeVisible()
      await dialog.getByLabel('Name', { exact: true }).fill(name)
      await dialog.getByLabel('Volume', { exact: true }).fill(volume)
      await dialog.getByRole('button', { name: 'Add schedule' }).click()
      await expect(dialog.getByLabel('Cron expression'), 'there is no minute 61').toHaveAttribute('aria-invalid', 'true')
      await dialog.getByLabel('When', { exact: true }).selectOption({ label: 'Every night at 3' })
      await dialog.getByLabel('Time zone').selectOption('Europe/Berlin')
      await expect(dialog.getByText('At 03:00')).toBeVisible()
      await expect(dialog.getByRole('list', { name: 'Next times' }).getByRole('listitem')).toHaveText(Array.from({ length: 5 }, () => /03:00/))
      await dialog.getByRole('button', { name: 'Add schedule' }).click()
      await expect(dialog).toBeHidden()
      await expect(row(admin, name)).toContainText('Enabled')
      await expect(row(admin, name)).toContainText('never')
    })

    await test.step('run it now', async () => {
      await act(admin, name, 'Run now')
      await expect(admin.getByRole('region', { name: 'Background jobs' })).toContainText(`Back up ${volume}`)
      await expect(row(admin, name)).toContainText('done', { timeout: 60_000 })
    })

    await test.step('change and disable it', async () => {
      await row(admin, name).getByRole('button', { name, exact: true }).click()
      await dialog.getByLabel('Cron expression').fill('*/5 * * * *')
      await expect(dialog.getByText('Every 5 minutes')).toBeVisible()
      await dialog.getByRole('button', { name: 'Save' }).click()
      await expect(row(admin, name)).toContainText('*/5 * * * *')
      await act(admin, name, 'Disable')
      await expect(row(admin, name)).toContainText('Disabled')
    })

    await test.step('delete it', async () => {
      await act(admin, name, 'Delete…')
      await dialog.getByRole('button', { name: 'Delete' }).click()
      await expect(row(admin, name)).toBeHidden()
    })
  } finally {
    await docker('volume', 'rm', volume)
  }
})

test('a viewer has no schedules', async ({ contextOf }) => {
  const page = await (await contextOf('viewer')).newPage()
  await page.goto('/schedules')
  await expect(page.getByRole('link', { name: 'Containers' }), 'the page is there').toBeVisible()
  await expect(page.getByRole('link', { name: 'Schedules' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Add schedule' })).toHaveCount(0)
  await page.close()
})
