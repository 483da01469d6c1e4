import { readFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { docker, IDLE } from './support/engine'
import { expect, test } from './support/fixtures'

const IMAGE = 'local/busybox:1'
const row = (page: Page, name: string) => page.locator(`[data-image="${name}"]`)

async function act(page: Page, name: string, item: string): Promise<void> {
  await row(page, name).getByRole('button', { name: `Actions for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** An image of its own with this name; gone at the end of the test. */
async function withImage(name: string, use: () => Promise<void>): Promise<void> {
  const id = await docker('create', '--label=dockline.test=1', '--network=none', IMAGE, 'true')
  await docker('commit', '--change', `LABEL unique=${name}`, id, name)
  await docker('rm', id)
  try {
    await use()
  } finally {
    await docker('rmi', '-f', name).catch(() => undefined)
  }
}

test('images are listed with who uses them, searched and looked into', async ({ admin, containers }) => {
  const { name } = await containers.start('user', IDLE)
  await admin.goto('/images')
  await expect(row(admin, IMAGE)).toContainText('iB')
  await admin.getByRole('textbox', { name: 'Search images' }).fill(name)
  await expect(row(admin, IMAGE)).toBeVisible()
  await admin.getByRole('textbox', { name: 'Search images' }).fill('no such image')
  await expect(admin.getByText('No image matches.')).toBeVisible()
  await admin.getByRole('button', { name: 'Clear the filters' }).click()
  await row(admin, IMAGE).getByRole('link', { name: IMAGE }).click()
  await expect(admin.getByRole('region', { name: 'Used by' })).toContainText(name)
  await expect(admin.getByRole('region', { name: 'How it was made' }).getByRole('row')).not.toHaveCount(0)
})

test('an image is tagged, exported, removed and imported again', async ({ admin }) => {
  const name = `local/e2e-${randomBytes(3).toString('hex')}:1`
  await withImage(name, async () => {
    await admin.goto('/images')
    await expect(row(admin, name), 'without a reload').toBeVisible()
    await act(admin, name, 'Tag…')
    const dialog = admin.getByRole('dialog')
    await dialog.getByLabel('New name').fill('not a name')
    await dialog.getByRole('button', { name: 'Add tag' }).click()
    await expect(dialog.getByRole('alert')).toBeVisible()
    await dialog.getByLabel('New name').fill(name.replace(':1', ':2'))
    await dialog.getByRole('button', { name: 'Add tag' }).click()
    await expect(dialog).toBeHidden()
    await expect(row(admin, name)).toContainText('+1')
    await row(admin, name).getByRole('link', { name }).click()
    await admin.getByRole('button', { name: `Take away the name ${name.replace(':1', ':2')}` }).click()
    await expect(admin.getByRole('region', { name: 'Names' })).not.toContainText(':2')

    await admin.goto('/images')
    const saved = admin.waitForEvent('download')
    await act(admin, name, 'Export as tar')
    const file = await (await saved).path()
    expect((await readFile(file)).length).toBeGreaterThan(1_000_000)

    await act(admin, name, 'Remove…')
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await expect(row(admin, name)).toBeHidden()
    await expect(docker('image', 'inspect', name)).rejects.toThrow()

    await admin.getByRole('button', { name: 'More actions for images' }).click()
    await admin.getByRole('menuitem', { name: 'Import…' }).click()
    await dialog.getByLabel(/^Archive/).setInputFiles({ name: 'image.tar', mimeType: 'application/x-tar', buffer: await readFile(file) })
    await dialog.getByRole('button', { name: 'Import' }).click()
    await expect(row(admin, name)).toBeVisible()
  })
})

test('a pull that fails says why, in the corner and among the jobs', async ({ admin }) => {
  await admin.goto('/images')
  await admin.getByRole('button', { name: 'Pull image' }).first().click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByLabel('Image').fill('Not An Image')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  // Nothing listens there.
  await dialog.getByLabel('Image').fill('127.0.0.1:9/nothing:1')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  const corner = admin.getByRole('region', { name: 'Background jobs' })
  await expect(corner).toContainText('Pull 127.0.0.1:9/nothing:1')
  await expect(corner.getByText('Failed')).toBeVisible({ timeout: 60_000 })
  await corner.getByRole('link').click()
  await expect(admin).toHaveURL(/\/jobs$/)
  await admin.getByRole('button', { name: /^Details of Pull 127/ }).first().click()
  await expect(admin.locator('.dl-detail-row')).toContainText('Error')
  await corner.getByRole('button', { name: 'Close the jobs' }).click()
  await expect(corner).toBeHidden()
})

test('a viewer sees images and changes nothing', async ({ contextOf }) => {
  const page = await (await contextOf('viewer')).newPage()
  await page.goto('/images')
  await expect(row(page, IMAGE)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Pull image' })).toHaveCount(0)
  await row(page, IMAGE).getByRole('button', { name: `Actions for ${IMAGE}` }).click()
  await expect(page.getByRole('menuitem')).toHaveText(['Copy ID'])
  await page.close()
})
