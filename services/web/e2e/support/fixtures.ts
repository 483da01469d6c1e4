import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { Containers, otherEngine } from './engine'
import { type Dockline, startDockline } from './server'

export const ADMIN = { username: 'ada', password: 'correct horse battery' }
export const OTHERS = {
  operator: { username: 'grace', password: 'nanoseconds of wire' },
  viewer: { username: 'vera', password: 'dark matter rotates' },
}

interface WorkerFixtures {
  dockline: Dockline
  /** A browser in which the set-up was gone through, so that the administrator is signed in. */
  adminContext: BrowserContext
  /** Browsers of people with other roles. */
  contextOf: (role: keyof typeof OTHERS) => Promise<BrowserContext>
}

interface TestFixtures {
  containers: Containers
  /** Containers of an engine that is no host yet. */
  elsewhere: Containers
  /** A page of the administrator. */
  admin: Page
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  dockline: [
    async ({}, use) => {
      const dockline = await startDockline()
      await use(dockline)
      await dockline.stop()
    },
    { scope: 'worker' },
  ],

  adminContext: [
    async ({ browser, dockline }, use) => {
      const context = await browser.newContext({ baseURL: dockline.url })
      const page = await context.newPage()
      await setUp(page, dockline.setupUrl)
      await page.close()
      await use(context)
      await context.close()
    },
    { scope: 'worker' },
  ],

  contextOf: [
    async ({ browser, dockline, adminContext }, use) => {
      const open = new Map<string, BrowserContext>()
      await use(async (role) => {
        const known = open.get(role)
        if (known !== undefined) return known
        await createUser(adminContext, role)
        const context = await browser.newContext({ baseURL: dockline.url })
        const page = await context.newPage()
        await signIn(page, OTHERS[role])
        await page.close()
        open.set(role, context)
        return context
      })
      for (const context of open.values()) await context.close()
    },
    { scope: 'worker' },
  ],

  containers: async ({}, use) => {
    const containers = new Containers()
    await use(containers)
    await containers.removeAll()
  },

  elsewhere: async ({}, use) => {
    const containers = new Containers(otherEngine())
    await use(containers)
    await containers.removeAll()
  },

  admin: async ({ adminContext }, use) => {
    const page = await adminContext.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/i.test(message.text())) problems.push(message.text())
    })
    await use(page)
    await page.close()
    expect(problems, 'errors in the page').toEqual([])
  },
})

export { expect }

/** Goes through the set-up as the printed link begins it. */
export async function setUp(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Username').fill(ADMIN.username)
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password)
  await page.getByLabel('Repeat the password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Make the administrator' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
}

export async function signIn(page: Page, who: { username: string; password: string }): Promise<void> {
  await page.goto('/login')
  await page.getByLabel('Username').fill(who.username)
  await page.getByLabel('Password').fill(who.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()
}

async function createUser(admin: BrowserContext, role: keyof typeof OTHERS): Promise<void> {
  const page = await admin.newPage()
  await page.goto('/admin/users')
  await page.getByRole('button', { name: 'Add user' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a user' })
  await dialog.getByLabel('Username').fill(OTHERS[role].username)
  await dialog.getByLabel('Password', { exact: true }).fill(OTHERS[role].password)
  await dialog.getByRole('radio', { name: new RegExp(`^${role}`, 'i') }).check()
  await dialog.getByRole('button', { name: 'Add user' }).click()
  await expect(page.getByRole('row', { name: OTHERS[role].username })).toBeVisible()
  await page.close()
}

export function containerPath(id: string, tab: 'overview' | 'logs' | 'stats' | 'terminal' | 'files' | 'processes' | 'changes' | 'inspect' | 'events', host = 'local'): string {
  return `/hosts/${host}/containers/${id}/${tab}`
}
