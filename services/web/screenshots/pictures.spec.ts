import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { docker, dockerAt, otherEngine } from '../e2e/support/engine'
import { required } from '../e2e/support/environment'
import { containerPath, expect, test } from '../e2e/support/fixtures'
import { pushNoise, startRegistry } from '../e2e/support/registry'
import { withPalette } from './palette'

const SIZE = { width: 1440, height: 900 }
const IMAGE = 'local/dockline-demo:1'
const STACK = 'shop'
/** On a second host, beside no stack. */
const ALONE = ['backup', 'flaky']
const SLOW = 250_000

/** Without healthchecks and the like, so that it fits into a picture. */
const COMPOSE = `services:
  ${['shop', 'orders', 'thumbnails', 'reports']
    .map(
      (service) => `${service}:
    image: ${IMAGE}
    command: /programs/${service}
    container_name: demo-${service}
    stop_grace_period: 1s
    mem_limit: 48m
    tmpfs: /tmp:size=24m`,
    )
    .join('\n  ')}
    volumes: ["reports:/srv"]
volumes:
  reports:
`

async function shoot(page: Page, name: string): Promise<void> {
  // Whatever says that something has just been done.
  await expect(page.locator('[data-sonner-toast]')).toHaveCount(0, { timeout: 20_000 })
  await page.mouse.move(0, SIZE.height - 1)
  const picture = withPalette(await page.screenshot())
  expect(picture.length, 'for the pages that show it').toBeLessThan(200_000)
  await writeFile(path.join('screenshots', `${name}.png`), picture)
}

/** The program that makes the demo's image does so for one engine. */
async function demo(script: 'up' | 'down', engine: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(path.resolve('../../deploy/demo', script), args, { env: { ...process.env, DOCKER_HOST: engine } })
}

test('pictures of a busy day', async ({ admin }) => {
  test.setTimeout(600_000)
  const engines = [required('DOCKER_HOST'), otherEngine()] as const
  const registry = await startRegistry({ password: false })
  const image = `${registry.address}/shop/search:3.1`
  const corner = admin.getByRole('region', { name: 'Background jobs' })
  const job = (title: string) => corner.locator('[data-job]').filter({ hasText: title })
  const inSight = (colorScheme: 'dark' | 'light') => admin.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  const idOf = (name: string) => docker('inspect', '--format', '{{.Id}}', name)
  await admin.setViewportSize(SIZE)
  await inSight('dark')
  try {
    await test.step('two hosts with something to do', async () => {
      await demo('up', engines[0])
      await demo('down', engines[0], '--containers')
      await demo('up', engines[1])
      const others = (await dockerAt(engines[1], 'ps', '--filter', 'label=dockline.demo=1', '--format', '{{.Names}}')).split('\n')
      for (const name of others) if (!ALONE.some((kept) => name === `demo-${kept}`)) await dockerAt(engines[1], 'rm', '-f', name)
      await admin.goto('/hosts')
      await admin.getByRole('button', { name: 'Add host' }).click()
      const form = admin.getByRole('dialog')
      await form.getByLabel('Name').fill('rotterdam')
      await form.getByLabel('Socket', { exact: true }).fill(engines[1])
      await form.getByRole('button', { name: 'Add host' }).click()
      await expect(admin.locator('[data-host="rotterdam"]')).toContainText('Online')
    })

    await test.step('a stack', async () => {
      await admin.goto('/stacks/new?host=local')
      await admin.getByLabel('Name', { exact: true }).fill(STACK)
      await admin.getByRole('textbox', { name: 'Compose file' }).fill(COMPOSE)
      await admin.getByRole('button', { name: 'Deploy' }).click()
      await expect(job(`Deploy ${STACK}`)).toContainText('Done', { timeout: 60_000 })
      await corner.getByRole('button', { name: 'Close the jobs' }).click()
      await admin.goto(`/hosts/local/stacks/${STACK}/logs`)
      await expect.poll(() => admin.locator('.dl-log-row').count(), { timeout: 60_000 }).toBeGreaterThan(30)
      await expect(admin.locator('.dl-place')).toHaveCount(4)
      await shoot(admin, 'stack-logs-dark')
    })

    await test.step('one container', async () => {
      const id = await idOf('demo-shop')
      await admin.goto(containerPath(id, 'logs'))
      await expect(admin.locator('.dl-log-row').filter({ hasText: 'ERROR' }).first()).toBeVisible({ timeout: 60_000 })
      await shoot(admin, 'logs-dark')
      await admin.goto(containerPath(id, 'terminal'))
      await admin.getByRole('button', { name: 'Open terminal' }).click()
      const terminal = admin.getByRole('region', { name: 'Terminal' })
      await expect(terminal).toHaveAttribute('data-phase', 'open')
      const rows = terminal.locator('.xterm-accessibility-tree')
      for (const [line, prints] of [
        ['cd /programs; ls -l --color=always', 'thumbnails'],
        ['df -h /tmp', 'Mounted on'],
        ['uname -sr', 'Linux'],
        ['wget -q -O - http://127.0.0.1:8080 | head -c 24; echo', 'Demo shop'],
      ] as const) {
        await admin.keyboard.type(`${line}\n`)
        await expect(rows).toContainText(prints)
      }
      await shoot(admin, 'terminal-dark')
    })

    await test.step('all of it', async () => {
      await admin.goto('/')
      await expect(admin.locator('[data-host]')).toHaveCount(2)
      await shoot(admin, 'overview-dark')
      await inSight('light')
      await admin.goto('/containers')
      await expect(admin.locator('[data-container]')).toHaveCount(4 + ALONE.length)
      await shoot(admin, 'containers-light')
    })

    await test.step('jobs that go on, have failed, and are done', async () => {
      await pushNoise(image)
      await registry.slowDown(SLOW)
      await admin.goto('/images')
      for (const name of ['127.0.0.1:9/shop/mailer:2', image]) {
        await admin.getByRole('button', { name: 'Pull image' }).first().click()
        const dialog = admin.getByRole('dialog')
        await dialog.getByLabel('Host').selectOption('local')
        await dialog.getByLabel('Image', { exact: true }).fill(name)
        await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
        await expect(dialog).toBeHidden()
      }
      await expect(job('mailer')).toContainText('Failed', { timeout: 30_000 })
      await corner.getByRole('link').click()
      const bar = corner.getByRole('progressbar', { name: `Pull ${image}` })
      await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 30_000 }).toBeGreaterThan(35)
      await shoot(admin, 'jobs-light')
      await registry.slowDown(null)
      await expect(job(image)).toContainText('Done', { timeout: 60_000 })
      await corner.getByRole('button', { name: 'Close the jobs' }).click()
    })

    await test.step('a minute of work', async () => {
      await admin.goto(`${containerPath(await idOf('demo-thumbnails'), 'stats')}?window=1`)
      await admin.getByRole('button', { name: 'Table' }).click()
      await expect.poll(() => admin.getByRole('row').count(), { timeout: 90_000 }).toBeGreaterThan(55)
      await admin.getByRole('button', { name: 'Charts' }).click()
      await expect(admin.locator('.uplot')).toHaveCount(4)
      await shoot(admin, 'stats-light')
    })
  } finally {
    await docker('rmi', image).catch(() => undefined)
    await registry.stop()
    for (const id of (await docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${STACK}`)).split('\n')) if (id !== '') await docker('rm', '-f', id)
    await docker('network', 'rm', `${STACK}_default`).catch(() => undefined)
    await docker('volume', 'rm', `${STACK}_reports`).catch(() => undefined)
    for (const engine of engines) await demo('down', engine)
  }
})
