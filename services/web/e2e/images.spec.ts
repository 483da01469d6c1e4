import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
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

/** A tar of these files. */
async function contextTar(files: Record<string, string>): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dockline-e2e-context-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
    const { stdout } = await promisify(execFile)('tar', ['-C', folder, '-cf', '-', '.'], { encoding: 'buffer' })
    return stdout
  } finally {
    await rm(folder, { recursive: true, force: true })
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
  await dialog.getByLabel('Image', { exact: true }).fill('Not An Image')
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await expect(dialog.getByRole('alert')).toBeVisible()
  // Nothing listens there.
  await dialog.getByLabel('Image', { exact: true }).fill('127.0.0.1:9/nothing:1')
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

test('an image with several names goes with all of them, without force', async ({ admin }) => {
  const name = `local/e2e-${randomBytes(3).toString('hex')}:1`
  await withImage(name, async () => {
    await docker('tag', name, name.replace(':1', ':2'))
    const user = await docker('create', '--label=dockline.test=1', '--network=none', name, 'true')
    const dialog = admin.getByRole('dialog')
    try {
      await admin.goto('/images')
      await expect(row(admin, name)).toContainText('+1')
      await act(admin, name, 'Remove…')
      await expect(dialog, 'names who was made of it').toContainText('1 container was made of it')
      await expect(dialog.getByRole('button', { name: 'Remove' }), 'unless it is asked for').toBeDisabled()
      await admin.keyboard.press('Escape')
    } finally {
      await docker('rm', user)
    }
    await admin.goto('/images')
    await act(admin, name, 'Remove…')
    await expect(dialog).toContainText('all its names')
    await dialog.getByRole('button', { name: 'Remove' }).click()
    await expect(row(admin, name)).toBeHidden()
    await expect(docker('image', 'inspect', name.replace(':1', ':2'))).rejects.toThrow()
  })
})

test('an image is built of a Dockerfile and of a folder, and its output is seen', async ({ admin }) => {
  test.setTimeout(150_000)
  const name = `local/e2e-${randomBytes(3).toString('hex')}`
  const dialog = admin.getByRole('dialog')
  const corner = admin.getByRole('region', { name: 'Background jobs' })

  async function build(tag: string, source: () => Promise<void>): Promise<void> {
    await admin.goto('/images')
    await admin.getByRole('button', { name: 'More actions for images' }).click()
    await admin.getByRole('menuitem', { name: 'Build…' }).click()
    await dialog.getByLabel('Names').fill(tag)
    await source()
    // Its base is on this host only.
    await dialog.getByLabel('Pull newer base images').uncheck()
    await dialog.getByRole('button', { name: 'Build', exact: true }).click()
    await expect(dialog).toBeHidden()
  }

  try {
    await build(`${name}:1`, () => dialog.getByRole('textbox', { name: 'Dockerfile' }).fill(`FROM ${IMAGE}\nLABEL e2e=${name}\nRUN echo built of one file\n`))
    await expect(corner.locator('[data-job]').filter({ hasText: `Build ${name}:1` })).toContainText('Done', { timeout: 60_000 })
    await expect(row(admin, `${name}:1`), 'without a reload').toBeVisible()

    const context = await contextTar({ Dockerfile: `FROM ${IMAGE}\nLABEL e2e=${name}\nCOPY greeting /greeting\nRUN cat /greeting && false\n`, greeting: 'hello from the folder\n' })
    await build(`${name}:2`, async () => {
      await dialog.getByRole('button', { name: 'A folder, as a tar' }).click()
      await dialog.getByLabel(/^Context/).setInputFiles({ name: 'context.tar', mimeType: 'application/x-tar', buffer: context })
    })
    await expect(corner.locator('[data-job]').filter({ hasText: `Build ${name}:2` })).toContainText('Failed', { timeout: 60_000 })
    await admin.goto('/jobs?kind=image.build')
    await admin.getByRole('button', { name: `Details of Build ${name}:2` }).click()
    await expect(admin.getByRole('log')).toContainText('hello from the folder')
    await expect(admin.getByRole('button', { name: `Retry Build ${name}:2` }), 'its context is gone').toHaveCount(0)
  } finally {
    await docker('rmi', '-f', `${name}:1`).catch(() => undefined)
    // What a failed build leaves has no name.
    await docker('image', 'prune', '-f', '--filter', `label=e2e=${name}`)
  }
})

test('a container is recreated with a newer image, and runs on where the new one does not start', async ({ admin, containers }) => {
  test.setTimeout(150_000)
  const name = `local/e2e-${randomBytes(3).toString('hex')}:1`
  const dialog = admin.getByRole('dialog')
  const corner = admin.getByRole('region', { name: 'Background jobs' })
  const { id, name: called } = await containers.start('old', IDLE, '--env=KEPT=yes')

  async function recreate(image: string): Promise<void> {
    await admin.goto(`/containers?q=${called}`)
    await admin.getByRole('button', { name: `More actions for ${called}` }).click()
    await admin.getByRole('menuitem', { name: 'Recreate…' }).click()
    await dialog.getByLabel('Image', { exact: true }).fill(image)
    await dialog.getByLabel('Pull the newest image of that name first').uncheck()
    await dialog.getByRole('button', { name: 'Recreate' }).click()
    await expect(dialog).toBeHidden()
  }

  await withImage(name, async () => {
    await recreate('local/no-such-image:1')
    await expect(corner.locator('[data-job]').filter({ hasText: `Recreate ${called}` })).toContainText('Failed', { timeout: 60_000 })
    await expect(docker('inspect', '--format', '{{.State.Running}} {{.Name}}', id)).resolves.toBe(`true /${called}`)

    await recreate(name)
    await expect(corner.locator('[data-job]').filter({ hasText: `Recreate ${called}` }).filter({ hasText: 'Done' })).toBeVisible({ timeout: 60_000 })
    const now = await docker('inspect', '--format', '{{.Id}} {{.Config.Image}} {{range .Config.Env}}{{.}} {{end}}', called)
    expect(now).not.toContain(id)
    expect(now).toContain(name)
    expect(now).toContain('KEPT=yes')

    // And back.
    const before = await docker('image', 'inspect', '--format', '{{.Id}}', IMAGE)
    await corner.getByRole('button', { name: `Take ${called} back to its image before` }).click()
    await expect.poll(() => docker('inspect', '--format', '{{.Image}}', called).catch(() => ''), { timeout: 60_000 }).toBe(before)
    await expect(corner.locator('[data-job]').filter({ hasText: `Recreate ${called}` }).first()).toContainText('Done', { timeout: 60_000 })
    await docker('rm', '-f', called)
  })
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
