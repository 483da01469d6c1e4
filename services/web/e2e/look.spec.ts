import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from '@playwright/test'
import type { AxeResults } from 'axe-core'
import { docker, TEN_A_SECOND } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  run: (options: { runOnly?: string[] }) => Promise<AxeResults>
}

/** Rules that a page breaks, of all or of these, with the elements that break them. */
async function violations(page: Page, only?: string[]): Promise<string[]> {
  const there = await page.evaluate(() => 'axe' in window)
  // As source text, since the page's own policy admits no foreign script.
  if (!there) await page.evaluate(AXE)
  const results = await page.evaluate((options) => (window as unknown as { axe: Axe }).axe.run(options), only === undefined ? {} : { runOnly: only })
  return results.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary?.split('\n')[1] ?? ''}`))
}

/** A Compose project that the container of this test belongs to. */
const STACK = 'look'

/** What pages are about besides the container. */
interface Shown {
  volume: string
  network: string
  image: string
}

const PAGES: { name: string; path: (id: string, shown: Shown) => string; ready: (page: Page) => Promise<void> }[] = [
  { name: 'overview', path: () => '/', ready: (page) => expect(page.locator('[data-host="local"]')).toBeVisible() },
  { name: 'containers', path: () => '/containers', ready: (page) => expect(page.locator('[data-container]').first()).toBeVisible() },
  { name: 'hosts', path: () => '/hosts', ready: (page) => expect(page.locator('[data-host="local"]')).toContainText('Online') },
  { name: 'host', path: () => '/hosts/local', ready: (page) => expect(page.getByRole('region', { name: 'Engine' })).toContainText('iB') },
  { name: 'container overview', path: (id) => containerPath(id, 'overview'), ready: (page) => expect(page.locator('[data-stat="Memory"]')).toContainText('iB') },
  { name: 'logs', path: (id) => containerPath(id, 'logs'), ready: (page) => expect(page.locator('.dl-log-row').first()).toBeVisible() },
  { name: 'several logs', path: (id) => `/logs?c=local:${id.slice(0, 12)}`, ready: (page) => expect(page.locator('.dl-log-row .dl-log-place').first()).toBeVisible() },
  { name: 'no logs yet', path: () => '/logs', ready: (page) => expect(page.getByRole('button', { name: 'Choose containers' })).toBeVisible() },
  { name: 'stats', path: (id) => containerPath(id, 'stats'), ready: (page) => expect(page.locator('.uplot')).toHaveCount(4) },
  { name: 'stats of an hour', path: (id) => `${containerPath(id, 'stats')}?range=1h`, ready: (page) => expect(page.locator('.uplot')).toHaveCount(4) },
  { name: 'inspect', path: (id) => containerPath(id, 'inspect'), ready: (page) => expect(page.getByRole('heading', { name: 'Environment' })).toBeVisible() },
  { name: 'container events', path: (id) => containerPath(id, 'events'), ready: (page) => expect(page.locator('[data-event]').first()).toBeVisible() },
  { name: 'events', path: () => '/events', ready: (page) => expect(page.locator('[data-event]').first()).toBeVisible() },
  { name: 'events of a moment', path: () => '/events?since=1h&from=2026-01-01T00:00:00Z&to=2026-01-01T00:01:00Z', ready: (page) => expect(page.getByText('No event matches.')).toBeVisible() },
  { name: 'terminal', path: (id) => containerPath(id, 'terminal'), ready: (page) => expect(page.getByRole('button', { name: 'Open terminal' })).toBeVisible() },
  { name: 'files', path: (id) => containerPath(id, 'files'), ready: (page) => expect(page.locator('[data-file="etc"]')).toBeVisible() },
  { name: 'processes', path: (id) => containerPath(id, 'processes'), ready: (page) => expect(page.getByRole('region', { name: 'Processes' })).toBeVisible() },
  { name: 'changes', path: (id) => containerPath(id, 'changes'), ready: (page) => expect(page.getByText('It has changed nothing').or(page.getByRole('table'))).toBeVisible() },
  { name: 'new container', path: () => '/containers/new', ready: (page) => expect(page.getByRole('button', { name: 'Create container' })).toBeVisible() },
  { name: 'images', path: () => '/images', ready: (page) => expect(page.locator('[data-image]').first()).toBeVisible() },
  { name: 'volumes', path: () => '/volumes', ready: (page) => expect(page.getByRole('heading', { name: 'Volumes' })).toBeVisible() },
  { name: 'prune of containers', path: () => '/containers?do=prune', ready: (page) => expect(page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true })).toBeVisible() },
  { name: 'prune of a host', path: () => '/hosts/local?do=prune', ready: (page) => expect(page.getByRole('dialog').getByLabel('Build cache')).toBeVisible() },
  { name: 'image', path: (_id, { image }) => `/hosts/local/images/${image}`, ready: (page) => expect(page.getByRole('region', { name: 'Used by' })).toContainText('talker') },
  { name: 'volume', path: (_id, { volume }) => `/hosts/local/volumes/${volume}`, ready: (page) => expect(page.getByRole('region', { name: 'Used by' })).toContainText('talker') },
  { name: 'files of a volume', path: (_id, { volume }) => `/hosts/local/volumes/${volume}?tab=files`, ready: (page) => expect(page.getByText('The folder is empty.')).toBeVisible() },
  { name: 'backups of a volume', path: (_id, { volume }) => `/hosts/local/volumes/${volume}?tab=backups`, ready: (page) => expect(page.getByText('There are no backups yet.')).toBeVisible() },
  { name: 'network', path: (_id, { network }) => `/hosts/local/networks/${network}`, ready: (page) => expect(page.getByRole('region', { name: 'Addresses' })).toBeVisible() },
  { name: 'recordings', path: () => '/admin/recordings', ready: (page) => expect(page.getByRole('heading', { name: 'Recordings' })).toBeVisible() },
  { name: 'networks', path: () => '/networks', ready: (page) => expect(page.locator('[data-network="bridge"]')).toBeVisible() },
  { name: 'picture of networks', path: () => '/networks?view=picture', ready: (page) => expect(page.getByRole('figure').first()).toBeVisible() },
  { name: 'stacks', path: () => '/stacks', ready: (page) => expect(page.locator(`[data-stack="${STACK}"]`)).toBeVisible() },
  { name: 'services of a stack', path: () => `/hosts/local/stacks/${STACK}/services`, ready: (page) => expect(page.locator('[data-service="web"]').first()).toContainText('running') },
  { name: 'logs of a stack', path: () => `/hosts/local/stacks/${STACK}/logs`, ready: (page) => expect(page.locator('.dl-log-row').first()).toBeVisible() },
  { name: 'adoption of a stack', path: () => `/hosts/local/stacks/${STACK}/editor`, ready: (page) => expect(page.getByRole('textbox', { name: 'Compose file' })).toBeVisible() },
  { name: 'new stack', path: () => '/stacks/new', ready: (page) => expect(page.getByRole('textbox', { name: 'Compose file' })).toBeVisible() },
  { name: 'schedules', path: () => '/schedules', ready: (page) => expect(page.getByRole('button', { name: 'Add schedule' }).first()).toBeVisible() },
  { name: 'registries', path: () => '/admin/registries', ready: (page) => expect(page.getByText('No registry is signed in to.')).toBeVisible() },
  { name: 'jobs', path: () => '/jobs', ready: (page) => expect(page.getByRole('heading', { name: 'Jobs' })).toBeVisible() },
  { name: 'users', path: () => '/admin/users', ready: (page) => expect(page.locator('[data-user]').first()).toBeVisible() },
  { name: 'audit', path: () => '/admin/audit', ready: (page) => expect(page.locator('[data-audit]').first()).toBeVisible() },
  { name: 'not found', path: () => '/nowhere', ready: (page) => expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible() },
]

/** The parts of cards that reach over the edge of the screen. */
async function cutOff(page: Page): Promise<string[]> {
  return page.locator('.dl-cards tbody td').evaluateAll((cells) =>
    cells.filter((cell) => cell.getBoundingClientRect().right > innerWidth).map((cell) => cell.textContent),
  )
}

const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

for (const [size, viewport] of Object.entries(SIZES)) {
  test(`every page is accessible and fits, dark and light: ${size}`, async ({ admin, containers }) => {
    test.setTimeout(240_000)
    const volume = await containers.volume('look')
    const options = [`--label=com.docker.compose.project=${STACK}`, '--label=com.docker.compose.service=web', `--volume=${volume}:/data`]
    const { id } = await containers.start('talker', `echo "ERROR one"; echo "WARN two" >&2; ${TEN_A_SECOND}`, ...options)
    const [network, image] = await Promise.all([docker('network', 'inspect', '-f', '{{.Id}}', 'bridge'), docker('inspect', '-f', '{{.Image}}', id)])
    await admin.setViewportSize(viewport)
    const paint = async (colorScheme: 'dark' | 'light') => {
      await admin.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await expect(admin.locator('html')).toHaveAttribute('data-bs-theme', colorScheme)
    }
    for (const { name, path, ready } of PAGES) {
      await test.step(name, async () => {
        await admin.goto(path(id, { volume, network, image }))
        await ready(admin)
        await paint('dark')
        const overflow = await admin.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect.soft(overflow, `${name} scrolls sideways`).toBeLessThanOrEqual(0)
        if (size === 'phone') expect.soft(await cutOff(admin), `${name}: parts of cards beside the screen`).toEqual([])
        expect.soft(await violations(admin), `${name}, dark`).toEqual([])
        // The page is the same in other colours.
        await paint('light')
        expect.soft(await violations(admin, ['color-contrast']), `${name}, light`).toEqual([])
      })
    }
  })
}

test('the forms of strangers are accessible too', async ({ browser, dockline, adminContext }) => {
  expect(adminContext).toBeDefined()
  for (const colorScheme of ['dark', 'light'] as const) {
    const context = await browser.newContext({ baseURL: dockline.url, colorScheme })
    const page = await context.newPage()
    await page.goto('/login')
    await expect(page.getByLabel('Username')).toBeVisible()
    expect.soft(await violations(page)).toEqual([])
    await page.goto('/setup')
    await expect(page.getByRole('link', { name: 'Go to sign-in' })).toBeVisible()
    expect.soft(await violations(page)).toEqual([])
    await context.close()
  }
})

test('the theme follows the choice, and is there before the page', async ({ admin }) => {
  await admin.emulateMedia({ colorScheme: 'dark' })
  await admin.goto('/')
  await admin.getByRole('button', { name: /^Account of/ }).click()
  await admin.getByRole('button', { name: 'Light' }).click()
  await expect(admin.locator('html')).toHaveAttribute('data-bs-theme', 'light')
  await admin.goto('/containers', { waitUntil: 'commit' })
  await expect(admin.locator('html')).toHaveAttribute('data-bs-theme', 'light')
  await admin.getByRole('button', { name: /^Account of/ }).click()
  await admin.getByRole('button', { name: 'System' }).click()
  await expect(admin.locator('html')).toHaveAttribute('data-bs-theme', 'dark')
})

test('dialogs, menus, the palette and the drawer are accessible', async ({ admin, containers }) => {
  const { id, name } = await containers.start('talker', TEN_A_SECOND)
  await admin.goto('/containers')
  const row = admin.locator(`[data-container="${id}"]`)
  await row.getByRole('button', { name: /^More actions/ }).click()
  await expect(admin.getByRole('menu')).toBeVisible()
  expect.soft(await violations(admin), 'menu').toEqual([])
  await admin.getByRole('menuitem', { name: 'Remove…' }).click()
  await admin.getByLabel('Kill it first').check()
  expect.soft(await violations(admin), 'dialog').toEqual([])
  await admin.keyboard.press('Escape')
  await expect(row.getByRole('button', { name: /^More actions/ }), 'the focus comes back').toBeFocused()
  await admin.keyboard.press('Control+k')
  await expect(admin.getByRole('option', { name: new RegExp(name) }).first()).toBeVisible()
  expect.soft(await violations(admin), 'palette').toEqual([])
  await admin.keyboard.press('Escape')
  await admin.goto('/hosts')
  await admin.getByRole('button', { name: 'Add host' }).click()
  const form = admin.getByRole('dialog', { name: 'Add a host' })
  for (const kind of ['Unix socket', 'TCP Plain', 'TCP with mutual TLS', 'SSH']) {
    await form.getByRole('radio', { name: kind }).check()
    await form.getByRole('button', { name: 'Test connection' }).click()
    await expect(form.getByRole('alert').first()).toBeVisible()
    expect.soft(await violations(admin), `form of a host: ${kind}`).toEqual([])
  }
  await admin.keyboard.press('Escape')
  await admin.goto('/schedules')
  await admin.getByRole('button', { name: 'Add schedule' }).first().click()
  await expect(admin.getByRole('list', { name: 'Next times' })).toBeVisible()
  expect.soft(await violations(admin), 'form of a schedule').toEqual([])
  await admin.goto('/admin/registries')
  await admin.getByRole('button', { name: 'Add registry' }).first().click()
  expect.soft(await violations(admin), 'form of a registry').toEqual([])
  await admin.goto('/images')
  await admin.getByRole('button', { name: 'More actions for images' }).click()
  await admin.getByRole('menuitem', { name: 'Build…' }).click()
  await expect(admin.getByRole('textbox', { name: 'Dockerfile' })).toBeVisible()
  expect.soft(await violations(admin), 'form of a build').toEqual([])
  await admin.goto(containerPath(id, 'logs'))
  await admin.getByRole('button', { name: /^Details of line/ }).first().click()
  await expect(admin.getByRole('dialog')).toBeVisible()
  expect.soft(await violations(admin), 'drawer').toEqual([])
  await admin.keyboard.press('Escape')
  await admin.setViewportSize(SIZES.phone)
  await admin.getByRole('button', { name: 'Open navigation' }).click()
  await expect(admin.locator('#dl-nav').getByRole('link', { name: 'Events' })).toBeVisible()
  expect.soft(await violations(admin), 'navigation').toEqual([])
  await admin.locator('#dl-nav').getByRole('link', { name: 'Events' }).click()
  await expect(admin.locator('#dl-nav')).toBeHidden()
})
