import type { Page, WebSocketRoute } from '@playwright/test'
import { docker, TEN_A_SECOND } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'
import { expectContiguous, LogView, numbers } from './support/logView'

/** The lines of one of the logs that are shown together, of everything that the page holds. */
async function linesOf(view: LogView, name: string): Promise<number[]> {
  const held = await view.held()
  return numbers(held.filter((line) => line.startsWith(`${name} | `)))
}

const chip = (page: Page, name: string) => page.getByRole('group', { name: 'Containers' }).getByRole('button', { name, exact: false })

test('containers of the list are shown together, hidden, split and taken out', async ({ admin, containers }) => {
  const one = await containers.start('alpha', `echo "ERROR broken" >&2; ${TEN_A_SECOND}`)
  const two = await containers.start('beta', TEN_A_SECOND)
  const sockets: string[] = []
  admin.on('websocket', (socket) => {
    if (socket.url().includes('/ws/logs')) sockets.push(socket.url())
  })
  await admin.goto('/containers')
  for (const { name } of [one, two]) await admin.getByRole('checkbox', { name: `Select ${name}` }).check()
  await admin.getByRole('link', { name: 'Logs together' }).click()
  await expect(admin).toHaveURL(/\/logs\?c=/)
  const view = new LogView(admin)
  await view.expectLive()
  await expect(view.rows.filter({ hasText: one.name }).first()).toBeVisible()
  await expect(view.rows.filter({ hasText: two.name }).first()).toBeVisible()
  await view.expectToGoOn()

  await admin.getByRole('textbox', { name: 'Search the log' }).fill('broken')
  await expect(view.rows).toHaveCount(1)
  await expect(view.rows).toContainText(one.name)
  await admin.getByRole('textbox', { name: 'Search the log' }).fill('')
  await chip(admin, one.name).first().click()
  await expect(view.rows.filter({ hasText: one.name })).toHaveCount(0)
  await chip(admin, one.name).first().click()

  await admin.getByRole('button', { name: 'Side by side' }).click()
  await expect(view.log).toHaveCount(2)
  const first = admin.getByRole('region', { name: `Log of ${one.name}` })
  await expect(first.locator('.dl-log-row').first()).toBeVisible()
  await expect(first.getByRole('link', { name: one.name })).toHaveAttribute('href', containerPath(one.id, 'logs'))
  expect(sockets, 'the view changed six times on one socket').toHaveLength(1)
  await admin.reload()
  await expect(view.log).toHaveCount(2)

  await admin.getByRole('button', { name: `Remove ${one.name}` }).click()
  await expect(view.log).toHaveCount(1)
  await expect(view.rows.filter({ hasText: one.name })).toHaveCount(0)
  await view.expectToGoOn()
})

test('a dropped socket goes on in every log without loss and without repetition', async ({ admin, containers }) => {
  const one = await containers.start('alpha', TEN_A_SECOND)
  const two = await containers.start('beta', TEN_A_SECOND)
  let current: WebSocketRoute | null = null
  let opened = 0
  await admin.routeWebSocket(/\/ws\/logs/, (socket) => {
    opened++
    current = socket
    socket.connectToServer()
  })
  const view = new LogView(admin)
  await admin.goto(`/logs?c=local:${one.id.slice(0, 12)},${two.id.slice(0, 12)}`)
  await view.expectToGoOn()
  for (let round = 1; round <= 4; round++) {
    await (current as WebSocketRoute | null)?.close({ code: round % 2 === 0 ? 1012 : 4413, reason: 'dropped by the test' })
    await expect.poll(() => opened).toBe(round + 1)
    await view.expectLive()
    await view.expectToGoOn()
  }
  for (const { name } of [one, two]) expectContiguous(await linesOf(view, name))
  expect((await view.held()).filter((line) => line.startsWith('---'))).toEqual([])
})

test('a stack is followed: who comes joins, who is recreated is marked, who goes is told', async ({ admin, containers }) => {
  const project = `shop-${Date.now().toString(36)}`
  const member = (service: string) => ['--label', `com.docker.compose.project=${project}`, '--label', `com.docker.compose.service=${service}`, '--label', 'com.docker.compose.container-number=1']
  const web = await containers.start('web', TEN_A_SECOND, ...member('web'))
  const view = new LogView(admin)
  await admin.goto(`/logs?stack=local/${project}`)
  await view.expectToGoOn()

  const db = await containers.start('db', TEN_A_SECOND, ...member('db'))
  await expect(chip(admin, db.name)).toBeVisible()
  await expect(view.rows.filter({ hasText: db.name }).first()).toBeVisible()

  const again = await containers.start('web', TEN_A_SECOND, ...member('web'))
  await docker('rm', '-f', web.id)
  await expect.poll(async () => (await view.held()).filter((line) => line.includes('Recreated: the log goes on'))).toHaveLength(1)
  await expect(chip(admin, again.name)).toHaveCount(1)
  await expect(chip(admin, web.name)).toHaveCount(0)
  await view.expectToGoOn()

  await docker('rm', '-f', db.id)
  await expect(chip(admin, db.name)).toContainText('removed')
  await view.expectToGoOn()
})

test('containers are chosen from a page that shows none yet', async ({ admin, containers }) => {
  const { name } = await containers.start('chosen', TEN_A_SECOND)
  await admin.goto('/')
  await expect(admin.getByRole('heading', { name: 'Overview' })).toBeVisible()
  await admin.keyboard.press('g')
  await admin.keyboard.press('l')
  await admin.getByRole('button', { name: 'Choose containers' }).click()
  const dialog = admin.getByRole('dialog', { name: 'Whose logs?' })
  await dialog.getByRole('textbox', { name: 'Find a container' }).fill(name)
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: 'Show 1 container' }).click()
  const view = new LogView(admin)
  await view.expectToGoOn()
  await admin.keyboard.press('f')
  await expect(view.resume).toBeVisible()
  await admin.keyboard.press('End')
  await expect(view.resume).toBeHidden()
})
