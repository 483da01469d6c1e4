import type { WebSocketRoute } from '@playwright/test'
import { docker, TEN_A_SECOND } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'
import { expectContiguous, LogView, numbers } from './support/logView'

test('ten lines a second are watched live', async ({ admin, containers }) => {
  const { id, name } = await containers.start('talker', TEN_A_SECOND)
  await admin.goto('/containers')
  await admin.getByRole('link', { name }).click()
  await admin.getByRole('navigation', { name: `Pages of ${name}` }).getByRole('link', { name: 'Logs' }).click()
  const view = new LogView(admin)
  await view.expectLive()
  await view.expectToGoOn()

  const newest = await view.newest()
  await expect.poll(() => view.newest(), { timeout: 4000 }).toBeGreaterThan(newest + 10)
  expectContiguous(numbers(await view.held()))
  await expect(admin).toHaveURL(new RegExp(`/hosts/local/containers/${id}/logs`))
})

test('only the reader breaks off following, and nothing moves while reading', async ({ admin, containers }) => {
  const { id } = await containers.start('talker', `i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo "old $i"; done; ${TEN_A_SECOND}`)
  await admin.goto(containerPath(id, 'logs'))
  const view = new LogView(admin)
  await view.expectToGoOn()

  await view.log.hover()
  await admin.mouse.wheel(0, -400)
  await expect(view.resume).toBeVisible()
  await expect(admin.getByRole('button', { name: 'Not following' })).toBeVisible()
  const row = view.rows.filter({ hasText: /old 4\d\d/ }).first()
  const text = (await row.textContent()) ?? ''
  const place = await row.boundingBox()
  await expect(view.resume).toHaveText(/\d+ new lines/)
  expect(await admin.locator('.dl-log-row', { hasText: text }).boundingBox()).toEqual(place)

  await view.resume.click()
  await expect(view.resume).toBeHidden()
  await view.expectToGoOn()

  await view.log.focus()
  await admin.keyboard.press('PageUp')
  await expect(view.resume).toBeVisible()
  await admin.keyboard.press('End')
  await expect(view.resume).toBeHidden()
  await admin.keyboard.press('f')
  await expect(view.resume).toBeVisible()
  await admin.keyboard.press('f')
  await view.expectToGoOn()
})

test('what is shown changes without another socket, and stands in the address', async ({ admin, containers }) => {
  const script = `for i in 1 2 3; do echo "ERROR broken $i" >&2; echo "INFO fine $i"; done; ${TEN_A_SECOND}`
  const { id } = await containers.start('talker', script)
  const sockets: string[] = []
  admin.on('websocket', (socket) => {
    if (socket.url().includes('/logs')) sockets.push(socket.url())
  })
  await admin.goto(containerPath(id, 'logs'))
  const view = new LogView(admin)
  await view.expectLive()
  await view.expectToGoOn()

  await admin.getByLabel('Lines shown').selectOption('100')
  await admin.getByRole('textbox', { name: 'Search the log' }).fill('broken')
  await expect(view.rows).toHaveCount(3)
  await expect(view.rows.first().locator('mark')).toHaveText('broken')
  await admin.getByRole('button', { name: 'Regular expression' }).click()
  await admin.getByRole('textbox', { name: 'Search the log' }).fill('^(ERROR|INFO) .* [12]$')
  await expect(view.rows).toHaveCount(4)
  await admin.getByRole('group', { name: 'Levels' }).getByRole('button', { name: 'error' }).click()
  await expect(view.rows).toHaveCount(2)
  await admin.getByRole('textbox', { name: 'Search the log' }).fill('(')
  await expect(admin.getByRole('alert')).toContainText('Invalid regular expression')
  await admin.getByRole('textbox', { name: 'Search the log' }).fill('')
  await admin.getByLabel('Stream').selectOption('stderr')
  await expect(view.rows).toHaveCount(3)
  await admin.getByRole('button', { name: 'Times' }).click()
  await admin.getByRole('button', { name: 'Wrap long lines' }).click()
  await expect(admin).toHaveURL(/re=1/)
  expect(Object.fromEntries(new URL(admin.url()).searchParams)).toEqual({ tail: '100', re: '1', lv: 'error', st: 'stderr', ts: '0', wrap: '1' })
  expect(sockets, 'the view changed ten times on one socket').toHaveLength(1)

  await admin.reload()
  await expect(view.rows).toHaveCount(3)
  await expect(admin.getByRole('button', { name: 'Wrap long lines' })).toHaveAttribute('aria-pressed', 'true')
  await expect(admin.getByLabel('Lines shown')).toHaveValue('100')
})

test('an expression that takes for ever is stopped, and the page goes on', async ({ admin, containers }) => {
  const { id } = await containers.start('talker', `echo "${'word '.repeat(12)}!"; ${TEN_A_SECOND}`)
  await admin.goto(`${containerPath(id, 'logs')}?re=1&q=${encodeURIComponent('^(\\w+\\s?)+$')}`)
  await expect(admin.getByRole('alert')).toContainText('takes too long')
  await admin.getByRole('textbox', { name: 'Search the log' }).fill('')
  await new LogView(admin).expectToGoOn()
})

test('a dropped socket goes on without loss and without repetition', async ({ admin, containers }) => {
  const { id } = await containers.start('talker', TEN_A_SECOND)
  let current: WebSocketRoute | null = null
  let opened = 0
  const resumed: (string | null)[] = []
  await admin.routeWebSocket(/\/ws\/containers\/.*\/logs/, (socket) => {
    opened++
    resumed.push(new URL(socket.url()).searchParams.get('from'))
    current = socket
    socket.connectToServer()
  })
  const view = new LogView(admin)
  await admin.goto(containerPath(id, 'logs'))
  await view.expectToGoOn()
  for (let round = 1; round <= 5; round++) {
    await (current as WebSocketRoute | null)?.close({ code: round % 2 === 0 ? 1012 : 4413, reason: 'dropped by the test' })
    await expect.poll(() => opened).toBe(round + 1)
    await view.expectLive()
    await view.expectToGoOn()
  }
  expect(resumed[0]).toBeNull()
  for (const from of resumed.slice(1)) expect(from).toMatch(/^.+:\d+$/)
  const held = await view.held()
  expect(held.filter((line) => line.startsWith('---'))).toEqual([])
  expectContiguous(numbers(held))
})

test('a restarted server goes on where it was', async ({ admin, containers, dockline }) => {
  const { id } = await containers.start('talker', TEN_A_SECOND)
  const view = new LogView(admin)
  await admin.goto(containerPath(id, 'logs'))
  await view.expectToGoOn()
  await dockline.restart()
  await view.expectLive()
  await view.expectToGoOn()
  const held = await view.held()
  expect(held.filter((line) => line.startsWith('---'))).toEqual([])
  expectContiguous(numbers(held))
})

test('the end of a container is told, and its next start is seen', async ({ admin, containers }) => {
  const { id } = await containers.start('talker', TEN_A_SECOND)
  await admin.goto(containerPath(id, 'logs'))
  const view = new LogView(admin)
  await view.expectToGoOn()
  await docker('stop', id)
  await expect(admin.locator('.dl-connection[data-phase="ended"]')).toBeVisible()
  await expect(admin.getByText(/The container stopped/)).toBeVisible()
  await docker('start', id)
  await view.expectLive()
  await expect.poll(() => view.newest()).toBeLessThan(50)
  await view.expectToGoOn()
})

test('everything can be downloaded as the engine stored it', async ({ admin, containers }) => {
  const script = `printf 'plain\\n\\033[31mred\\033[0m\\n\\ntab\\there\\n'; printf 'gr\\374n\\n'; printf 'no end'`
  const { id } = await containers.start('writer', script)
  await admin.goto(containerPath(id, 'logs'))
  const view = new LogView(admin)
  await expect(view.rows.filter({ hasText: 'no end' })).toBeVisible()
  await expect(view.rows.filter({ hasText: 'red' }).locator('.dl-ansi-red')).toHaveText('red')
  const stored = await docker('logs', id)
  expect((await view.download('Everything, as text')).trim()).toBe(stored)
})

test('a line is opened, linked to, and shown among its neighbours', async ({ admin, containers }) => {
  const { id } = await containers.start('writer', `i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "entry $i"; done; echo '{"level":"warn","user":{"id":7}}'; sleep 600`)
  await admin.goto(`${containerPath(id, 'logs')}?q=${encodeURIComponent('entry 150')}`)
  const view = new LogView(admin)
  await expect(view.rows).toHaveCount(1)
  await view.rows.first().getByRole('button').click()
  await admin.getByRole('dialog').getByRole('button', { name: 'Show among its neighbours' }).click()
  await expect(view.rows.filter({ hasText: /entry 149$/ })).toBeVisible()
  await expect(admin.locator('.dl-log-row[data-selected]')).toContainText('entry 150')
  await expect(admin).toHaveURL(/line=/)
  await admin.reload()
  await expect(admin.locator('.dl-log-row[data-selected]')).toContainText('entry 150')

  await admin.goto(`${containerPath(id, 'logs')}?lv=warn`)
  await view.rows.first().getByRole('button').click()
  await expect(admin.getByRole('dialog')).toContainText('"id": 7')
  await admin.keyboard.press('Escape')
  await expect(admin.getByRole('dialog')).toBeHidden()
})
