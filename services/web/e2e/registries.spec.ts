import type { Page } from '@playwright/test'
import { docker } from './support/engine'
import { expect, test } from './support/fixtures'
import { LOGIN, startRegistry } from './support/registry'

const row = (page: Page, address: string) => page.locator(`[data-registry="${address}"]`)

async function act(page: Page, address: string, item: string): Promise<void> {
  await row(page, address).getByRole('button', { name: `Actions for ${address}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test('with what a registry is given, its images are pushed and pulled', async ({ admin }) => {
  test.setTimeout(150_000)
  const { address, stop } = await startRegistry({ password: true })
  const image = `${address}/e2e/web:1`
  const dialog = admin.getByRole('dialog')
  const corner = admin.getByRole('region', { name: 'Background jobs' })
  try {
    await test.step('a wrong password is found out before it is kept', async () => {
      await admin.goto('/admin/registries')
      await admin.getByRole('button', { name: 'Add registry' }).first().click()
      await dialog.getByRole('button', { name: 'Add registry' }).click()
      await expect(dialog.getByRole('alert')).toHaveCount(3)
      await dialog.getByLabel('Address').fill(address)
      await dialog.getByLabel('Username').fill(LOGIN.username)
      await dialog.getByLabel('Password').fill('wrong')
      await dialog.getByRole('button', { name: 'Sign in from this host' }).click()
      await expect(dialog.getByRole('alert')).toContainText(/unauthorized/i)
      await dialog.getByLabel('Password').fill(LOGIN.password)
      await dialog.getByRole('button', { name: 'Sign in from this host' }).click()
      await expect(dialog.getByRole('status').filter({ hasText: 'Login Succeeded' })).toBeVisible()
      await dialog.getByRole('button', { name: 'Add registry' }).click()
      await expect(dialog).toBeHidden()
      await expect(row(admin, address)).toContainText(LOGIN.username)
    })

    await test.step('push', async () => {
      await admin.goto('/images')
      await admin.getByRole('button', { name: 'Actions for local/busybox:1' }).click()
      await admin.getByRole('menuitem', { name: 'Push…' }).click()
      await dialog.getByLabel('As').selectOption({ label: 'Another name…' })
      await dialog.getByLabel('New name').fill(image)
      await expect(dialog.getByRole('status')).toContainText(`To ${address} as ${LOGIN.username}`)
      await dialog.getByRole('button', { name: 'Push', exact: true }).click()
      await expect(dialog).toBeHidden()
      const pushed = corner.locator('[data-job]').filter({ hasText: `Push ${image}` })
      await expect(pushed).toContainText('Done', { timeout: 60_000 })
    })

    await test.step('pull what was pushed', async () => {
      await docker('rmi', image)
      await admin.goto('/images')
      await expect(admin.locator(`[data-image="${image}"]`)).toBeHidden()
      await admin.getByRole('button', { name: 'Pull image' }).first().click()
      await dialog.getByLabel('Image', { exact: true }).fill(image)
      await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
      await expect(corner.locator('[data-job]').filter({ hasText: `Pull ${image}` })).toContainText('Done', { timeout: 60_000 })
      await expect(docker('image', 'inspect', '--format', 'there', image)).resolves.toBe('there')
    })

    await test.step('the stored password is kept by a change, tested, and forgotten', async () => {
      await admin.goto('/admin/registries')
      await act(admin, address, 'Edit…')
      await expect(dialog.getByLabel('Password'), 'never shown').toHaveValue('')
      await dialog.getByLabel('Username').fill('somebody')
      await dialog.getByRole('button', { name: 'Save' }).click()
      await expect(dialog.getByRole('alert'), 'another name wants its own password').toContainText('Write the password')
      await admin.keyboard.press('Escape')
      await act(admin, address, 'Test…')
      await dialog.getByRole('button', { name: 'Sign in' }).click()
      await expect(dialog.getByRole('status')).toContainText('Login Succeeded')
      await admin.keyboard.press('Escape')
      await act(admin, address, 'Remove…')
      await dialog.getByRole('button', { name: 'Remove' }).click()
      await expect(row(admin, address)).toBeHidden()
    })
  } finally {
    await docker('rmi', image).catch(() => undefined)
    await stop()
  }
})

test('an operator sees registries and changes none', async ({ contextOf }) => {
  const page = await (await contextOf('operator')).newPage()
  await page.goto('/admin/registries')
  await expect(page.getByText('No registry is signed in to.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Add registry' })).toHaveCount(0)
  await page.close()
})
