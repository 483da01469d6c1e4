export { registriesQuery } from './api/registries'
