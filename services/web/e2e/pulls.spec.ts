import type { Locator, Page } from '@playwright/test'
import { docker } from './support/engine'
import { expect, test } from './support/fixtures'
import { pushNoise, startRegistry } from './support/registry'

/** Bytes a second of each layer: the pull would take more than a minute. */
const SLOW = 30_000

async function askForPull(page: Page, image: string): Promise<void> {
  await page.goto('/images')
  await page.getByRole('button', { name: 'Pull image' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Image', { exact: true }).fill(image)
  await dialog.getByRole('button', { name: 'Pull', exact: true }).click()
  await expect(dialog).toBeHidden()
}

/** What the bar of a job shows, in percent; NaN while it is not known. */
async function percent(bar: Locator): Promise<number> {
  return Number((await bar.getAttribute('aria-valuenow')) ?? Number.NaN)
}

/** Waits until the bar of a job is further than this, but not at its end; gives where it is. */
async function further(bar: Locator, than: number): Promise<number> {
  await expect.poll(() => percent(bar), { timeout: 30_000, intervals: [100] }).toBeGreaterThan(than)
  const now = await percent(bar)
  expect(now).toBeLessThan(100)
  return now
}

test('a pull is watched, cancelled in the middle, and done when it is asked for again', async ({ admin }) => {
  test.setTimeout(150_000)
  const registry = await startRegistry({ password: false })
  const image = `${registry.address}/e2e/noise:1`
  const corner = admin.getByRole('region', { name: 'Background jobs' })
  const jobs = corner.locator('[data-job]').filter({ hasText: `Pull ${image}` })
  const bar = (job: Locator) => job.getByRole('progressbar', { name: `Pull ${image}` })
  const here = () => docker('image', 'ls', '--all', '--quiet', image)
  try {
    await pushNoise(image)
    await registry.slowDown(SLOW)

    await test.step('it goes on before one’s eyes, with a bar for each layer', async () => {
      await askForPull(admin, image)
      await expect(jobs).toContainText('Running')
      await expect(corner.getByRole('link')).toHaveText('1 job running')
      const before = await further(bar(jobs), 0)
      await further(bar(jobs), before)
      await expect(jobs).toContainText(/[\d.]+ .?i?B of [\d.]+ MiB/)
      const layers = jobs.getByRole('list', { name: 'Parts' }).getByRole('listitem')
      await expect(layers.filter({ hasText: 'Downloading' })).toHaveCount(2)
      await expect(layers.filter({ hasText: 'Downloading' }).getByRole('progressbar').first()).toHaveAttribute('aria-valuenow', /^[1-9]/)
    })

    await test.step('another page shows it as well', async () => {
      await corner.getByRole('link').click()
      const row = admin.getByRole('table', { name: 'Jobs' }).locator('tr[data-job]').filter({ hasText: image })
      await expect(row).toContainText('Running')
      await further(bar(jobs), 1)
    })

    await test.step('cancelled, it leaves nothing', async () => {
      await jobs.getByRole('button', { name: `Cancel Pull ${image}` }).click()
      await expect(jobs).toContainText('Cancelled')
      await expect(jobs.getByRole('button', { name: `Cancel Pull ${image}` })).toHaveCount(0)
      await expect(here()).resolves.toBe('')
      await admin.goto('/images')
      await expect(admin.locator('[data-image="local/busybox:1"]')).toBeVisible()
      await expect(admin.locator(`[data-image="${image}"]`)).toHaveCount(0)
    })

    await test.step('asked for again, it is done', async () => {
      await admin.goto('/jobs')
      const row = admin.getByRole('table', { name: 'Jobs' }).locator('tr[data-job]').filter({ hasText: image })
      await row.filter({ hasText: 'Cancelled' }).getByRole('button', { name: `Retry Pull ${image}` }).click()
      const again = jobs.filter({ hasText: 'Running' })
      await further(bar(again), 0)
      await registry.slowDown(null)
      const done = jobs.filter({ hasText: 'Done' })
      await expect(done).toBeVisible({ timeout: 60_000 })
      await expect(bar(done)).toHaveAttribute('aria-valuenow', '100')
      await expect(here()).resolves.not.toBe('')
      await admin.goto('/images')
      await expect(admin.locator(`[data-image="${image}"]`)).toBeVisible()
    })
  } finally {
    await docker('rmi', image).catch(() => undefined)
    await registry.stop()
  }
})
