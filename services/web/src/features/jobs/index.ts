export { JobsCorner } from './components/JobsCorner'
export { PullDialog } from './components/PullDialog'
export { watchJob } from './watched'
