export { networksQuery } from './api/networks'
