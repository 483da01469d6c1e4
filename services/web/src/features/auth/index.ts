export { meQuery, useCan, useMe, type Permission, type Role } from './api/me'
export { setupRequired } from './api/setup'
export { NewPassword } from './components/NewPassword'
export { passwordProblem, usernameProblem } from './password'
