import { ADMIN, expect, setUp, signIn, test } from './support/fixtures'
import { startDockline } from './support/server'

test('the printed link makes the first administrator, once', async ({ browser }) => {
  const dockline = await startDockline()
  const context = await browser.newContext({ baseURL: dockline.url })
  const page = await context.newPage()
  try {
    await page.goto('/')
    await expect(page, 'nobody can sign in yet').toHaveURL(/\/setup$/)
    await expect(page.getByText('Open the set-up link that Dockline printed')).toBeVisible()

    await page.goto(dockline.setupUrl)
    await expect(page, 'the token does not stay in the address bar').toHaveURL(/\/setup$/)
    await page.getByLabel('Username').fill(ADMIN.username)
    await page.getByLabel('Password', { exact: true }).fill('too short')
    await page.getByLabel('Repeat the password').fill('different')
    await page.getByRole('button', { name: 'Make the administrator' }).click()
    await expect(page.getByText('Use at least 12 characters.')).toBeVisible()
    await expect(page.getByText('The two passwords differ.')).toBeVisible()

    await page.getByLabel('Password', { exact: true }).fill(ADMIN.password)
    await page.getByLabel('Repeat the password').fill(ADMIN.password)
    await page.getByRole('button', { name: 'Make the administrator' }).click()
    await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible()

    const stranger = await browser.newContext({ baseURL: dockline.url })
    const other = await stranger.newPage()
    await other.goto(dockline.setupUrl)
    await expect(other.getByText('Dockline is set up')).toBeVisible()
    await stranger.close()
  } finally {
    await context.close()
    await dockline.stop()
  }
})

test('signing in leads to the page that was wanted, and out of every tab again', async ({ browser, dockline, adminContext }) => {
  expect(adminContext).toBeDefined()
  const context = await browser.newContext({ baseURL: dockline.url })
  const page = await context.newPage()
  await page.goto('/containers?q=wanted')
  await expect(page).toHaveURL(/\/login/)
  await page.getByLabel('Username').fill(ADMIN.username)
  await page.getByLabel('Password').fill('wrong, surely')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page).toHaveURL(/\/containers\?q=wanted$/)

  await page.reload()
  await expect(page.getByRole('heading', { name: 'Containers' }), 'the session survives a reload').toBeVisible()
  const second = await context.newPage()
  await second.goto('/events')
  await expect(second.getByRole('heading', { name: 'Events' })).toBeVisible()

  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page).toHaveURL(/\/login/)
  await expect(second).toHaveURL(/\/login/)
  await second.goto('/')
  await expect(second).toHaveURL(/\/login/)

  await signIn(page, ADMIN)
  await context.close()
})

test('an engine that does not answer is named, and nothing else fails', async ({ browser }) => {
  const dockline = await startDockline('unix:///nonexistent/docker.sock')
  const context = await browser.newContext({ baseURL: dockline.url })
  const page = await context.newPage()
  try {
    await setUp(page, dockline.setupUrl)
    await expect(page.locator('[data-host="local"]').getByText('Offline')).toBeVisible()
    await page.getByRole('link', { name: 'Containers' }).first().click()
    await expect(page.getByText('The engine of host local does not answer')).toBeVisible()
    await page.getByRole('link', { name: 'Show the host' }).click()
    await expect(page.getByRole('heading', { name: 'local' })).toBeVisible()
    await expect(page.getByRole('main').getByRole('status')).toContainText('/nonexistent/docker.sock')
  } finally {
    await context.close()
    await dockline.stop()
  }
})
