/** What is to be undone at the end: the latest first, each even when another fails. */
export class Cleanup {
  private readonly steps: (() => Promise<unknown>)[] = []

  add(step: () => Promise<unknown>): void {
    this.steps.push(step)
  }

  async run(): Promise<void> {
    const errors: unknown[] = []
    for (const step of this.steps.splice(0).reverse()) await step().catch((error: unknown) => errors.push(error))
    if (errors.length > 0) throw new Error(errors.join('\n'))
  }
}

/** Like `Promise.all`, but nothing is still under way when it fails. */
export async function all<T extends readonly unknown[] | []>(tasks: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(tasks)
  return Promise.all(tasks)
}
