export { FileBrowser } from './components/FileBrowser'
