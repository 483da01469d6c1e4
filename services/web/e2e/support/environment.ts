/** What the tests were given; an error when it is absent. */
export function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`the browser tests need ${name} in the environment`)
  return value
}
