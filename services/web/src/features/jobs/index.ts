export { jobsQuery } from './api/jobs'
export { JobsCorner } from './components/JobsCorner'
export { JobTable } from './components/JobTable'
export { watchJob } from './watched'
