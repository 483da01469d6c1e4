import path from 'node:path'

/** What the tests were given; an error when it is absent. */
export function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`the browser tests need ${name} in the environment`)
  return value
}

/** The Compose plugin of the tests: the one that comes with their docker CLI, unless another is named. */
export function composePlugin(): string {
  const named = process.env.DOCKLINE_TEST_COMPOSE ?? ''
  return named === '' ? path.join(path.dirname(required('DOCKLINE_TEST_DOCKER')), '../cli/cli-plugins/docker-compose') : named
}
