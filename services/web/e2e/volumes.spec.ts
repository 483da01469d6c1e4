import { randomBytes } from 'node:crypto'
import { docker, IDLE } from './support/engine'
import { expect, test } from './support/fixtures'

test('a volume is created, used, measured and, once it is unused, removed', async ({ admin, containers }) => {
  const name = `e2e-${randomBytes(3).toString('hex')}`
  const row = admin.locator(`[data-volume="${name}"]`)
  const dialog = admin.getByRole('dialog')
  await admin.goto('/volumes')
  await admin.getByRole('button', { name: 'Create volume' }).first().click()
  await dialog.getByLabel('Name', { exact: true }).fill(name)
  await dialog.getByRole('button', { name: 'Add label' }).click()
  await dialog.getByLabel('Name of label 1').fill('tier')
  await dialog.getByLabel('Value of label 1').fill('gold')
  await dialog.getByRole('button', { name: 'Create volume' }).click()
  await expect(row).toBeVisible()
  try {
    expect(await docker('volume', 'inspect', '-f', '{{.Labels.tier}}', name)).toBe('gold')
    const { id, name: user } = await containers.start('user', IDLE, '-v', `${name}:/data`)
    await docker('exec', id, 'sh', '-c', 'head -c 100000 /dev/zero > /data/file')
    await expect(row, 'without a reload').toContainText(user)
    await expect(row.getByRole('button', { name: `Remove ${name}` }), 'it is in use').toBeDisabled()
    await admin.reload()
    await expect(row).toContainText(/9\d(\.\d)? KiB|100 KiB/)
    await row.getByRole('link', { name, exact: true }).click()
    await expect(admin.getByRole('region', { name: 'Used by' })).toContainText(user)
    await expect(admin.getByRole('row', { name: /tier/ })).toContainText('gold')

    await docker('rm', '-f', id)
    await admin.goto(`/volumes?q=${name}`)
    await row.getByRole('button', { name: `Remove ${name}` }).click()
    await expect(dialog.getByRole('button', { name: 'Remove volume' }), 'its name was not typed').toBeDisabled()
    await dialog.getByLabel(`Type ${name} to confirm`).fill(name)
    await dialog.getByRole('button', { name: 'Remove volume' }).click()
    await expect(admin.getByText('There are no volumes yet.').or(admin.getByText('No volume matches.'))).toBeVisible()
    await expect(docker('volume', 'inspect', name)).rejects.toThrow()
  } finally {
    await docker('volume', 'rm', '-f', name).catch(() => undefined)
  }
})

test('what a prune would remove is shown before', async ({ admin }) => {
  const id = await docker('volume', 'create', '--label=com.docker.volume.anonymous=')
  await admin.goto('/volumes')
  await admin.getByRole('button', { name: 'Remove unused' }).click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByRole('button', { name: 'All that no container uses' }).click()
  await expect(dialog.getByRole('list', { name: 'Volumes to remove' })).toContainText(id.slice(0, 12))
  await expect(dialog.getByRole('button', { name: 'Remove', exact: true })).toBeDisabled()
  await admin.keyboard.press('Escape')
  await docker('volume', 'rm', id)
})
