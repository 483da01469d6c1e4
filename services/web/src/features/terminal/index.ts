export { takeFont } from './font'
export { terminalTheme } from './theme'
