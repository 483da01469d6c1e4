export type { Host } from './api/contract'
export { hostsQuery } from './api/hosts'
export { HostState } from './components/HostState'
export { trouble } from './model'
