export { StackLogs } from './components/StackLogs'
export { MERGED_SEARCH } from './options'
export { containersParam } from './selection'
