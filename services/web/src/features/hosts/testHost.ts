import type { Host } from './api/contract'

/** A host of the tests: added, plain, online. */
export function testHost(more: Partial<Host> = {}): Host {
  return {
    id: 'web-1',
    address: 'tcp://192.0.2.10:2375',
    state: 'online',
    error: null,
    labels: {},
    enabled: true,
    origin: 'added',
    security: 'none',
    engine_version: '28.5.1',
    api_version: '1.51',
    operating_system: 'Debian GNU/Linux 12 (bookworm)',
    cpus: 4,
    memory_bytes: 8_000_000_000,
    images: 12,
    latency_ms: 9,
    ...more,
  }
}
