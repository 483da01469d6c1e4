import type { StackDetails } from './api/stacks'

export interface ServiceRow {
  service: string
  /** Absent where the service has none. */
  container?: StackDetails['containers'][number]
}

const COLLATOR = new Intl.Collator('en', { numeric: true })

/** The containers by their services, and the services that have none. */
export function byService({ services, containers }: Pick<StackDetails, 'services' | 'containers'>): ServiceRow[] {
  const filled = containers.map((container): ServiceRow => ({ service: container.service, container }))
  const without = services.filter((service) => !containers.some((container) => container.service === service)).map((service): ServiceRow => ({ service }))
  return [...filled, ...without].sort((one, other) => COLLATOR.compare(`${one.service} ${one.container?.name ?? ''}`, `${other.service} ${other.container?.name ?? ''}`))
}
