export { ImageOptions } from './components/ImageOptions'
