import type { Page } from '@playwright/test'
import { docker, IDLE } from './support/engine'
import { containerPath, expect, test } from './support/fixtures'

const terminal = (page: Page) => page.getByRole('region', { name: 'Terminal' })
/** What the terminal shows, as it offers it to screen readers: rows, without the blanks at their ends. */
const rows = (page: Page) => terminal(page).locator('.xterm-accessibility-tree')

async function open(page: Page, command = '', user = ''): Promise<void> {
  await page.getByLabel('Command').fill(command)
  await page.getByLabel('User').fill(user)
  await page.getByRole('button', { name: 'Open terminal' }).click()
  await expect(terminal(page)).toHaveAttribute('data-phase', /open|exited/)
}

/** Types a line, and waits until it can be seen to be through. */
async function run(page: Page, line: string, prints: string | RegExp): Promise<void> {
  await page.keyboard.type(`${line}\n`)
  await expect(rows(page)).toContainText(prints)
}

test('a shell runs, has the size of the page, and tells how it ended', async ({ admin, containers }) => {
  const { id } = await containers.start('idler', IDLE)
  await admin.goto(containerPath(id, 'terminal'))
  await open(admin)
  await run(admin, 'echo $((6 * 7))-answer', '42-answer')
  await run(admin, 'stty size | tr " " x', /\d\dx\d{2,3}/)
  const wide = await columns(admin)
  await admin.setViewportSize({ width: 700, height: 700 })
  await expect.poll(() => columns(admin), 'the program hears of the new size').toBeLessThan(wide)
  await admin.keyboard.type('exit 3\n')
  await expect(terminal(admin)).toContainText('exited 3')
  await expect(rows(admin), 'what was printed stays').toContainText('42-answer')
  await terminal(admin).getByRole('button', { name: 'Start again' }).click()
  await expect(terminal(admin)).toHaveAttribute('data-phase', 'open')
  await expect(rows(admin)).not.toContainText('42-answer')
  await run(admin, 'echo again-$((1 + 1))', 'again-2')
})

/** The columns that the program sees. */
async function columns(page: Page): Promise<number> {
  const mark = `size-${Date.now()}`
  await page.keyboard.type(`echo ${mark}=$(stty size | cut -d" " -f2).\n`)
  const found = new RegExp(`${mark}=(\\d+)\\.`)
  await expect(rows(page)).toContainText(found)
  return Number(found.exec((await rows(page).textContent()) ?? '')?.[1])
}

test('a program of one’s own runs as another user, and what is wrong is said', async ({ admin, containers }) => {
  const { id } = await containers.start('idler', IDLE)
  await admin.goto(containerPath(id, 'terminal'))
  await admin.getByLabel('Command').fill(`sh -c 'id`)
  await admin.getByRole('button', { name: 'Open terminal' }).click()
  await expect(admin.getByText('A quote is not closed.')).toBeVisible()
  await open(admin, `sh -c 'id -u; exit 7'`, '1000')
  await expect(terminal(admin)).toContainText('exited 7')
  await expect(rows(admin)).toContainText('1000')
  await terminal(admin).getByRole('button', { name: 'Other command' }).click()
  await expect(admin.getByLabel('Command')).toBeVisible()
})

test('a terminal outlives a look at another tab', async ({ admin, containers }) => {
  const { id } = await containers.start('idler', IDLE)
  await admin.goto(containerPath(id, 'terminal'))
  await open(admin)
  await run(admin, 'secret=kept-$((40 + 2)); echo $secret', 'kept-42')
  await admin.getByRole('link', { name: 'Inspect' }).click()
  await expect(admin.getByRole('heading', { name: 'Environment' })).toBeVisible()
  await admin.getByRole('link', { name: 'Terminal' }).click()
  await expect(rows(admin)).toContainText('kept-42')
  await run(admin, 'echo still-$secret', 'still-kept-42')
})

test('a terminal outlives a reload, and its program goes on', async ({ admin, containers }, { project }) => {
  test.skip(project.name === 'cluster', 'this proxy sends each request to another replica, and a terminal is at one')
  const { id } = await containers.start('idler', IDLE)
  await admin.goto(containerPath(id, 'terminal'))
  await open(admin)
  await run(admin, 'secret=kept-$((40 + 2)); echo $secret', 'kept-42')
  await admin.reload()
  await expect(terminal(admin)).toHaveAttribute('data-phase', 'open')
  await expect(rows(admin), 'what was printed before').toContainText('kept-42')
  await terminal(admin).locator('.xterm').click()
  await run(admin, 'echo still-$secret', 'still-kept-42')
})

test('200 KB are pasted whole', async ({ admin, containers }) => {
  const { id } = await containers.start('idler', IDLE)
  await admin.goto(containerPath(id, 'terminal'))
  await open(admin, 'sh -c "stty -echo; cat > /pasted"')
  // In lines, since a terminal takes no longer ones than 4 KB.
  const text = `${'0123456789'.repeat(10)}\n`.repeat(2000)
  await admin.evaluate((pasted) => {
    const data = new DataTransfer()
    data.setData('text/plain', pasted)
    document.querySelector('.xterm-helper-textarea')?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, text)
  await expect.poll(async () => Number(await docker('exec', id, 'sh', '-c', 'wc -c < /pasted')), { timeout: 30_000 }).toBe(text.length)
  await admin.keyboard.press('Control+d')
  await expect(terminal(admin)).toContainText('exited 0')
  expect(await docker('exec', id, 'md5sum', '/pasted')).toBe(await docker('exec', id, 'sh', '-c', `yes ${'0123456789'.repeat(10)} | head -n 2000 | md5sum | sed 's# -# /pasted#'`))
})

test('the keyboard leaves the terminal and searches it', async ({ admin, containers }) => {
  const { id } = await containers.start('idler', IDLE)
  await admin.goto(containerPath(id, 'terminal'))
  await open(admin)
  await run(admin, 'echo needle-$((1 + 2))', 'needle-3')
  await admin.keyboard.press('Control+Shift+F')
  await expect(admin.getByRole('textbox', { name: 'Search the terminal' })).toBeFocused()
  await admin.keyboard.type('needle-3\n')
  await terminal(admin).locator('.xterm').click()
  await admin.keyboard.press('Control+.')
  await expect(terminal(admin).locator('.xterm-helper-textarea')).not.toBeFocused()
})

test('a terminal that is refused says why', async ({ admin, contextOf, containers }) => {
  const { id } = await containers.start('reaching', IDLE, '--privileged')
  const page = await (await contextOf('operator')).newPage()
  await page.goto(containerPath(id, 'terminal'))
  await page.getByRole('button', { name: 'Open terminal' }).click()
  await expect(terminal(page)).toHaveAttribute('data-phase', 'lost')
  await expect(terminal(page).getByRole('alert')).toContainText('privileged')
  await page.close()
  const paused = await containers.start('paused', IDLE)
  await docker('pause', paused.id)
  await admin.goto(containerPath(paused.id, 'terminal'))
  await expect(admin.getByText('this one is paused')).toBeVisible()
  await docker('unpause', paused.id)
})

test('who may not run programs sees no terminal', async ({ contextOf, containers }) => {
  const { id } = await containers.start('idler', IDLE)
  const page = await (await contextOf('viewer')).newPage()
  await page.goto(containerPath(id, 'overview'))
  await expect(page.locator('.dl-tabs').getByRole('link', { name: 'Logs' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Terminal' })).toHaveCount(0)
  await page.goto(containerPath(id, 'terminal'))
  await expect(page.getByText('containers.exec')).toBeVisible()
  await page.close()
})
