import { generateKeyPairSync } from 'node:crypto'
import type { Page } from '@playwright/test'
import { IDLE, otherEngine, TEN_A_SECOND } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'
import { LogView } from './support/logView'

const row = (page: Page, id: string) => page.locator(`[data-host="${id}"]`)

async function menu(page: Page, id: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More actions for ${id}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

async function openForm(page: Page) {
  await page.goto('/hosts')
  await page.getByRole('button', { name: 'Add host' }).click()
  return page.getByRole('dialog', { name: 'Add a host' })
}

const socketOf = (engine: string) => engine.replace('unix://', '')

test('a host is added by its socket, watched, labelled, tested, disabled, enabled and removed', async ({ admin, elsewhere }) => {
  test.setTimeout(180_000)
  const id = 'second'
  const engine = otherEngine()
  const { id: container, name } = await elsewhere.start('talker', TEN_A_SECOND)
  const dialog = admin.getByRole('dialog')

  await test.step('add', async () => {
    const form = await openForm(admin)
    await form.getByLabel('Name').fill('Second Host')
    await form.getByLabel('Socket', { exact: true }).fill('docker.sock')
    await form.getByRole('button', { name: 'Add host' }).click()
    await expect(form.getByLabel('Name')).toBeFocused()
    await expect(form.getByRole('alert')).toHaveText([/lower-case letters/, /beginning with “\/”/])

    await form.getByLabel('Socket', { exact: true }).fill(`${socketOf(engine)}.wrong`)
    await form.getByRole('button', { name: 'Test connection' }).click()
    await expect(form.getByText('No connection.')).toBeVisible()
    await form.getByLabel('Socket', { exact: true }).fill(engine)
    await expect(form.getByLabel('Socket', { exact: true }), 'the scheme stands before the field already').toHaveValue(socketOf(engine))
    await expect(form.getByText('No connection.'), 'of another address').toBeHidden()
    await form.getByRole('button', { name: 'Test connection' }).click()
    await expect(form.getByRole('status').filter({ hasText: 'It answers.' })).toContainText(/20\.10.*1\.41.*ms/)

    await form.getByLabel('Name').fill('local')
    await form.getByRole('button', { name: 'Add host' }).click()
    await expect(form.getByRole('alert'), 'the name is taken').toBeVisible()
    await expect(form.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true')
    await form.getByLabel('Name').fill(id)
    await form.getByRole('button', { name: 'Add host' }).click()
    await expect(form).toBeHidden()
    await expect(row(admin, id)).toContainText('Online')
    await expect(row(admin, id)).toContainText(/20\.10.*API 1\.41/)
    await expect(row(admin, id)).toContainText('Unix socket')
  })

  await test.step('its containers and their logs', async () => {
    await menu(admin, id, 'Containers')
    await expect(admin).toHaveURL(new RegExp(`/containers\\?host=${id}`))
    await expect(admin.getByRole('link', { name })).toBeVisible()
    await expect(admin.locator('[data-container]'), 'of the other engine only').toHaveCount(1)
    const later = await elsewhere.start('newcomer', IDLE)
    await expect(admin.getByRole('link', { name: later.name }), 'without a reload').toBeVisible()
    await admin.goto(containerPath(container, 'logs', id))
    const view = new LogView(admin)
    await view.expectLive()
    await view.expectToGoOn()
  })

  await test.step('edit its labels', async () => {
    await admin.goto(`/hosts/${id}`)
    await admin.getByRole('button', { name: 'Edit' }).click()
    await expect(dialog.getByRole('button', { name: 'Save' }), 'nothing is different').toBeDisabled()
    await dialog.getByRole('button', { name: 'Add label' }).click()
    await dialog.getByLabel('Key of label 1').fill('Environment')
    await dialog.getByLabel('Value of label 1').fill('lab')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog.getByRole('alert')).toContainText('lower-case letters')
    await dialog.getByLabel('Key of label 1').fill('environment')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await expect(dialog).toBeHidden()
    await expect(admin.getByRole('region', { name: 'Labels' })).toContainText('environment=lab')

    await admin.goto('/hosts')
    await admin.getByLabel('Label', { exact: true }).selectOption('environment=lab')
    await expect(row(admin, 'local')).toBeHidden()
    await expect(admin).toHaveURL(/label=environment%3Dlab/)
    await admin.getByRole('button', { name: /^environment\s*=\s*lab$/ }).click()
    await expect(row(admin, 'local')).toBeVisible()
    await admin.getByRole('textbox', { name: 'Search hosts' }).fill('lab 20.10')
    await expect(row(admin, 'local')).toBeHidden()
    await admin.getByRole('textbox', { name: 'Search hosts' }).fill('')
    await admin.getByRole('button', { name: 'Engine' }).click()
    await expect(admin.locator('tbody [data-row]')).toHaveText([id, 'local'])
    await admin.getByRole('button', { name: 'Engine' }).click()
    await expect(admin.locator('tbody [data-row]')).toHaveText(['local', id])
  })

  await test.step('test it as it is stored', async () => {
    await menu(admin, id, 'Test connection')
    await expect(dialog.getByText('It answers.')).toBeVisible()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
  })

  await test.step('disable and enable it', async () => {
    await menu(admin, id, 'Disable…')
    await dialog.getByRole('button', { name: 'Disable host' }).click()
    await expect(row(admin, id)).toContainText('Disabled')
    await admin.goto(`/containers?host=${id}`)
    await expect(admin.getByText(`Host ${id} is disabled`)).toBeVisible()
    await expect(admin.getByRole('link', { name })).toHaveCount(0)
    await admin.getByRole('link', { name: 'Show the host' }).click()
    await menu(admin, id, 'Enable')
    await expect(admin.getByRole('region', { name: 'Engine' })).toContainText('20.10')
    await admin.getByRole('link', { name: /^Show \d+ containers$/ }).click()
    await expect(admin.getByRole('link', { name })).toBeVisible()
  })

  await test.step('remove it', async () => {
    await admin.goto(`/hosts/${id}`)
    await menu(admin, id, 'Remove…')
    const remove = dialog.getByRole('button', { name: 'Remove host' })
    await expect(remove, 'its name was not typed').toBeDisabled()
    await dialog.getByLabel(`Type ${id} to confirm`).fill(id)
    await remove.click()
    await expect(admin).toHaveURL(/\/hosts$/)
    await expect(row(admin, 'local')).toBeVisible()
    await expect(row(admin, id)).toHaveCount(0)
    await admin.goto(`/hosts/${id}`)
    await expect(admin.getByText('There is no such host any more.')).toBeVisible()
    await admin.goto('/admin/audit')
    await admin.getByRole('textbox', { name: 'Search the audit log' }).fill(`hosts/${id}`)
    await expect(admin.locator('[data-audit]').filter({ hasText: 'success' })).not.toHaveCount(0)
  })
})

test('certificates and keys are pasted or chosen, and what is wrong is said where it stands', async ({ admin }) => {
  const form = await openForm(admin)
  await form.getByLabel('Name').fill('tls-host')
  await form.getByLabel('Socket', { exact: true }).fill('tcp://192.0.2.1:2376')
  await expect(form.getByText('Nothing protects this connection.'), 'plain TCP').toBeVisible()
  await form.getByRole('radio', { name: /mutual TLS/ }).check()
  await expect(form.getByText('Nothing protects this connection.')).toBeHidden()
  await expect(form.getByLabel('Address')).toHaveValue('192.0.2.1:2376')

  const certificate = '-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n'
  await form.locator('[data-file="CA certificate"]').setInputFiles({ name: 'ca.pem', mimeType: 'text/plain', buffer: Buffer.from(certificate) })
  await expect(form.getByLabel('CA certificate', { exact: true })).toHaveValue(certificate)
  await form.getByLabel('Client certificate', { exact: true }).fill(certificate)
  await form.getByLabel('Client key', { exact: true }).fill(certificate)
  await form.getByRole('button', { name: 'Add host' }).click()
  await expect(form.getByRole('alert')).toHaveText(['This is a certificate, not a private key.'])

  await form.getByLabel('Client key', { exact: true }).fill(certificate.replaceAll('CERTIFICATE', 'PRIVATE KEY'))
  await form.getByRole('button', { name: 'Add host' }).click()
  await expect(form.getByRole('alert').first(), 'the server looks inside').toBeVisible()
  await expect(form.locator('textarea[aria-invalid="true"]')).not.toHaveCount(0)

  await form.getByRole('radio', { name: /^SSH/ }).check()
  await form.getByLabel('Address').fill('deploy@192.0.2.1')
  await expect(form.getByText('ssh-keyscan -t ed25519 192.0.2.1')).toBeVisible()
  await form.getByRole('button', { name: 'Test connection' }).click()
  await expect(form.getByRole('alert')).toHaveText([/OPENSSH PRIVATE KEY/, /one line/])
  await form.getByRole('button', { name: 'Cancel' }).click()
  await expect(row(admin, 'tls-host')).toHaveCount(0)
})

/** A key to sign in with, and the line by which a host with such a key is known. */
function sshKeys(): { privateKey: string; hostKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const parts = [Buffer.from('ssh-ed25519'), raw].map((part) => Buffer.concat([Buffer.from([0, 0, 0, part.length]), part]))
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    hostKey: `ssh-ed25519 ${Buffer.concat(parts).toString('base64')}`,
  }
}

test('secrets are kept and never shown, and another address demands them again', async ({ admin }) => {
  const id = 'behind-ssh'
  const { privateKey, hostKey } = sshKeys()
  const answers: Promise<string>[] = []
  admin.on('response', (response) => {
    if (response.url().includes('/api/')) answers.push(response.text().catch(() => ''))
  })
  const form = await openForm(admin)
  await form.getByLabel('Name').fill(id)
  await form.getByLabel('Socket', { exact: true }).fill('ssh://deploy@127.0.0.1:1')
  await form.getByLabel('Private key', { exact: true }).fill(privateKey)
  await form.getByLabel('Host key', { exact: true }).fill(`127.0.0.1 ${hostKey}\n`)
  await form.getByRole('button', { name: 'Add host' }).click()
  await expect(row(admin, id), 'nobody listens at that port').toContainText('Offline')
  await expect(row(admin, id).locator('.dl-trouble')).toContainText(/refused/i)

  await menu(admin, id, 'Edit…')
  const dialog = admin.getByRole('dialog', { name: `Edit ${id}` })
  await expect(dialog.getByText('stored, not shown')).toBeVisible()
  await dialog.getByLabel('Address').fill('deploy@127.0.0.1:2')
  await expect(dialog.getByText('must be entered again')).toBeVisible()
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByLabel('Private key', { exact: true })).toBeFocused()
  await expect(dialog.getByRole('alert')).toHaveCount(2)
  await dialog.getByLabel('Private key', { exact: true }).fill(privateKey)
  await dialog.getByLabel('Host key', { exact: true }).fill(hostKey)
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toBeHidden()
  await expect(row(admin, id)).toContainText('deploy@127.0.0.1:2')

  await menu(admin, id, 'Edit…')
  await dialog.getByRole('button', { name: 'Replace' }).click()
  await expect(dialog.getByLabel('Private key', { exact: true })).toHaveValue('')
  await dialog.getByRole('button', { name: 'Keep what is stored' }).click()
  await expect(dialog.getByText('stored, not shown')).toBeVisible()
  await dialog.getByRole('button', { name: 'Cancel' }).click()

  await menu(admin, id, 'Remove…')
  await admin.getByLabel(`Type ${id} to confirm`).fill(id)
  await admin.getByRole('button', { name: 'Remove host' }).click()
  await expect(row(admin, id)).toHaveCount(0)
  const secret = privateKey.split('\n')[1] ?? ''
  expect(secret).not.toBe('')
  expect((await Promise.all(answers)).join('\n')).not.toContain(secret)
})

test('a host of the settings says so, and stays', async ({ admin }) => {
  await admin.goto('/hosts/local')
  await expect(admin.getByRole('region', { name: 'Connection' })).toContainText('settings')
  await admin.getByRole('button', { name: 'More actions for local' }).click()
  await expect(admin.getByRole('menuitem', { name: /^Remove/ })).toBeDisabled()
  await admin.keyboard.press('Escape')
  await admin.getByRole('button', { name: 'Edit' }).click()
  const dialog = admin.getByRole('dialog')
  await expect(dialog.getByText('Change it there and restart Dockline.')).toBeVisible()
  await expect(dialog.getByLabel('Socket', { exact: true })).not.toBeEditable()
  await dialog.getByRole('button', { name: 'Test connection' }).click()
  await expect(dialog.getByText('It answers.')).toBeVisible()
})

test('a viewer sees the hosts and changes none', async ({ contextOf }) => {
  const page = await (await contextOf('viewer')).newPage()
  await page.goto('/hosts')
  await expect(row(page, 'local')).toContainText('Online')
  await expect(page.getByRole('button', { name: 'Add host' })).toHaveCount(0)
  await page.getByRole('button', { name: 'More actions for local' }).click()
  await expect(page.getByRole('menuitem')).toHaveText(['Containers'])
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'local', exact: true }).click()
  await expect(page.getByRole('region', { name: 'Engine' })).toContainText('iB')
  for (const name of ['Edit', 'Test connection', 'More actions for local']) await expect(page.getByRole('button', { name })).toHaveCount(0)
  await page.close()
})
