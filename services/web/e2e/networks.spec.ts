import { randomBytes } from 'node:crypto'
import { docker, IDLE } from './support/engine'
import { expect, test } from './support/fixtures'

test('a network is created, joined, left, drawn and removed', async ({ admin, containers }) => {
  const name = `e2e-${randomBytes(3).toString('hex')}`
  const row = admin.locator(`[data-network="${name}"]`)
  const dialog = admin.getByRole('dialog')
  await admin.goto('/networks')
  await admin.getByRole('button', { name: 'Create network' }).click()
  await dialog.getByLabel('Name', { exact: true }).fill(name)
  await dialog.getByLabel('Addresses').fill('nonsense')
  await dialog.getByRole('button', { name: 'Create network' }).click()
  await expect(dialog.getByRole('alert').first()).toBeVisible()
  await dialog.getByLabel('Addresses').fill('10.231.7.0/24')
  await dialog.getByLabel('Gateway').fill('10.231.7.9')
  await dialog.getByLabel('Internal').check()
  await dialog.getByLabel('Largest packet').fill('1400')
  await dialog.getByRole('button', { name: 'Add label' }).click()
  await dialog.getByLabel('Name of label 1').fill('tier')
  await dialog.getByLabel('Value of label 1').fill('gold')
  await dialog.getByRole('button', { name: 'Create network' }).click()
  await expect(row).toContainText('10.231.7.0/24')
  try {
    const made = '{{range .IPAM.Config}}{{.Gateway}}{{end}} {{index .Options "com.docker.network.driver.mtu"}} {{.Labels.tier}}'
    expect(await docker('network', 'inspect', '-f', made, name)).toBe('10.231.7.9 1400 gold')
    // Containers without a network cannot join another.
    const id = await docker('create', '--label=dockline.test=1', `--name=${name}-member`, '--network=bridge', 'local/busybox:1', 'sh', '-c', IDLE)
    try {
      await row.getByRole('link', { name }).click()
      await admin.getByRole('button', { name: 'Connect a container' }).click()
      await dialog.getByLabel('Container').selectOption({ label: `${name}-member (created)` })
      await dialog.getByLabel('Other names there').fill('db, database')
      await dialog.getByRole('button', { name: 'Connect', exact: true }).click()
      const member = admin.locator(`[data-member="${name}-member"]`)
      await expect(member).toContainText('db, database')
      expect(await docker('inspect', '-f', `{{len (index .NetworkSettings.Networks "${name}").Aliases}}`, id)).not.toBe('0')

      await admin.goto(`/networks?view=picture&q=${name}`)
      const picture = admin.getByRole('figure', { name: 'Networks of local' })
      await expect(picture.getByRole('list', { name: 'Networks' })).toContainText('1 container')
      await picture.getByRole('link', { name, exact: true }).click()

      await member.getByRole('button', { name: `Disconnect ${name}-member` }).click()
      await expect(member).toBeHidden()
      await admin.getByRole('button', { name: 'Connect again' }).click()
      await expect(member).toContainText('db')
    } finally {
      await docker('rm', '-f', id)
    }
    await admin.goto('/networks')
    await expect(row.getByRole('button', { name: `Remove ${name}` })).toBeEnabled()
    await row.getByRole('button', { name: `Remove ${name}` }).click()
    await dialog.getByRole('button', { name: 'Remove network' }).click()
    await expect(row).toBeHidden()
    await expect(containers.start('never', IDLE, `--network=${name}`)).rejects.toThrow()
  } finally {
    await docker('network', 'rm', name).catch(() => undefined)
  }
})
