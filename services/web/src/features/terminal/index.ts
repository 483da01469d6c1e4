export { terminalTheme } from './theme'
