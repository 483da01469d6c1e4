import type { Page } from '@playwright/test'
import { docker, IDLE } from './support/engine'
import { expect, test } from './support/fixtures'

const events = (page: Page) => page.getByRole('region', { name: 'Events over time' })
const parts = (page: Page) => events(page).getByRole('option')
const list = (page: Page) => page.getByRole('table', { name: 'Events' })

/** How many events the parts of the timeline tell of, together. */
async function counted(page: Page): Promise<number> {
  const labels = await parts(page).evaluateAll((options) => options.map((option) => option.getAttribute('aria-label') ?? ''))
  return labels.reduce((sum, label) => sum + Number(/: (\d+) events?/.exec(label)?.[1] ?? Number.NaN), 0)
}

/** Three events each: more than a page of the server has, and than a table draws whole. */
const COMMANDS = 55

async function runCommands(id: string, commands: number): Promise<void> {
  for (let done = 0; done < commands; done += 5) await Promise.all(Array.from({ length: 5 }, () => docker('exec', id, 'true')))
}

test('events of the past are read page by page and counted over time, and a part of the time is chosen', async ({ admin, containers }) => {
  const { id, name } = await containers.start('busy', IDLE)
  await runCommands(id, COMMANDS)
  const total = COMMANDS * 3 + 2
  const cursors: string[] = []
  admin.on('request', (request) => {
    const cursor = new URL(request.url()).searchParams.get('cursor')
    if (cursor !== null) cursors.push(cursor)
  })
  await admin.goto(`/events?q=${name}&exec=1&since=1h`)
  await expect(events(admin), 'created, started, and what the commands did').toContainText(`${total} events`)
  expect(cursors.length, 'more than one page').toBeGreaterThan(0)
  expect(await counted(admin)).toBe(total)
  await expect(list(admin)).toHaveAttribute('aria-rowcount', `${total + 1}`)
  await expect(admin.getByText('Nothing more is kept of this time.'), 'below the list').toHaveCount(1)

  await test.step('the end of the list', async () => {
    await admin.getByText('Nothing more is kept of this time.').scrollIntoViewIfNeeded()
    await expect(list(admin).locator('[data-event]').last(), 'the oldest of all').toContainText('create')
    expect(await list(admin).locator('[data-event]').count(), 'only what is in view is drawn').toBeLessThan(total)
  })

  await test.step('a part is chosen with the keyboard', async () => {
    await admin.goto(`/events?q=${name}&exec=1&since=1h`)
    await expect(events(admin)).toContainText(`${total} events`)
    const full = parts(admin).filter({ has: admin.locator('span') }).last()
    const inIt = Number(/: (\d+) events?/.exec((await full.getAttribute('aria-label')) ?? '')?.[1])
    await parts(admin).last().focus()
    for (let steps = 0; steps < 60 && !(await full.evaluate((part) => part === document.activeElement)); steps++) await admin.keyboard.press('ArrowLeft')
    await expect(full).toBeFocused()
    await admin.keyboard.press('Enter')
    await expect(full).toHaveAttribute('aria-selected', 'true')
    await expect(admin).toHaveURL(/from=.*to=/)
    await expect(list(admin)).toHaveAttribute('aria-rowcount', `${inIt + 1}`)
    await expect(full, 'the list is another, the focus is where it was').toBeFocused()
    await admin.reload()
    await expect(list(admin), 'from the address').toHaveAttribute('aria-rowcount', `${inIt + 1}`)
    await events(admin).getByRole('button', { name: 'Show all' }).click()
    await expect(list(admin)).toHaveAttribute('aria-rowcount', `${total + 1}`)
    await expect(admin).not.toHaveURL(/from=/)
  })

  await test.step('a part becomes the span', async () => {
    await parts(admin).filter({ has: admin.locator('span') }).last().click()
    await events(admin).getByRole('button', { name: 'Zoom in' }).click()
    await expect(admin).toHaveURL(/since=20.*until=20/)
    await expect(admin.getByLabel('Period')).toHaveValue('own')
    await docker('exec', id, 'true')
    await admin.goBack()
    await expect(admin.getByLabel('Period'), 'the way back').toHaveValue('1h')
    await expect(events(admin)).toContainText(`${total + 3} events`)
  })
})

test('live events come on top of the past, and not into a span that has ended', async ({ admin, containers }) => {
  const first = await containers.start('first', IDLE)
  const began = new Date(Date.now() - 60_000).toISOString()
  await admin.goto('/events?action=start&since=6h')
  await expect(admin.getByRole('row', { name: first.name })).toBeVisible()
  const second = await containers.start('second', IDLE)
  await expect(list(admin).locator('[data-event]').first()).toContainText(second.name)
  await expect(admin.getByRole('row', { name: second.name }), 'live and kept, but once').toHaveCount(1)

  await admin.goto(`/events?action=start&since=${began}&until=${new Date().toISOString()}`)
  await expect(admin.getByRole('row', { name: second.name })).toBeVisible()
  const third = await containers.start('third', IDLE)
  // Where it is wanted it arrives.
  const other = await admin.context().newPage()
  await other.goto(`/events?q=${third.name}`)
  await expect(other.getByRole('row', { name: third.name }).first()).toBeVisible()
  await other.close()
  await expect(admin.getByRole('row', { name: third.name })).toHaveCount(0)
})

test('filters stand in the address, what it says is shown, and all of them are cleared at once', async ({ admin, containers }) => {
  const { name } = await containers.start('short', 'exit 3')
  await admin.goto('/events')
  await admin.getByLabel('Kind').selectOption('container')
  await admin.getByLabel('Action').selectOption('die')
  await admin.getByLabel('Period').selectOption('7d')
  await admin.getByRole('textbox', { name: 'Search events' }).fill(name)
  await expect(admin).toHaveURL((url) => ['kind=container', 'action=die', 'since=7d', `q=${name}`].every((part) => url.search.includes(part)))
  await expect(list(admin).locator('[data-event]')).toHaveCount(1)
  await expect(events(admin)).toContainText('1 event, 1 failure')
  await admin.reload()
  await expect(list(admin).locator('[data-event]')).toHaveCount(1)
  await admin.goto('/events?action=unheard-of&host=nowhere')
  await expect(admin.getByLabel('Action')).toHaveValue('unheard-of')
  await expect(admin.getByLabel('Host', { exact: true })).toHaveValue('nowhere')
  await expect(admin.getByText('No event matches.')).toBeVisible()
  await admin.getByRole('button', { name: 'Clear the filters' }).click()
  await expect(admin).toHaveURL(/\/events$/)
  await expect(list(admin)).toBeVisible()
})
