import { readFile } from 'node:fs/promises'
import { expect, type Locator, type Page } from '@playwright/test'

/** The log tab of a container, as its tests speak of it. */
export class LogView {
  readonly log: Locator
  readonly rows: Locator
  readonly resume: Locator
  private readonly page: Page

  constructor(page: Page) {
    this.page = page
    this.log = page.getByRole('log')
    this.rows = page.locator('.dl-log-row')
    this.resume = page.locator('.dl-log-resume')
  }

  async expectLive(): Promise<void> {
    await expect(this.page.locator('.dl-connection[data-phase="live"]')).toBeVisible()
  }

  /** The number in the last row's `line N`. */
  async newest(): Promise<number> {
    const text = (await this.rows.last().textContent()) ?? ''
    return Number(/line (\d+)/.exec(text)?.[1] ?? Number.NaN)
  }

  async expectToGoOn(): Promise<void> {
    const before = await this.newest()
    await expect.poll(() => this.newest()).toBeGreaterThan(before)
  }

  /** Everything that the page holds, through «What is shown» of all lines. */
  async held(): Promise<string[]> {
    await this.page.getByLabel('Lines shown').selectOption('all')
    const text = await this.download('What is shown')
    return text.split('\n').filter((line) => line !== '')
  }

  async download(what: string): Promise<string> {
    await this.page.getByRole('button', { name: 'Download' }).click()
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.page.getByRole('menuitem', { name: what }).click()])
    return readFile(await download.path(), 'utf8')
  }
}

/** The numbers of `line N`, in order. */
export function numbers(lines: string[]): number[] {
  return lines.flatMap((line) => {
    const found = /line (\d+)$/.exec(line)
    return found === null ? [] : [Number(found[1])]
  })
}

/** Fails unless every number follows the one before. */
export function expectContiguous(found: number[]): void {
  expect(found.length).toBeGreaterThan(0)
  const first = found[0] ?? 0
  expect(found).toEqual(found.map((_, index) => first + index))
}
