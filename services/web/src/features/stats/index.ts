export { StatCards } from './components/StatCards'
