export { stacksQuery } from './api/stacks'
export { StackStatus } from './components/StackStatus'
