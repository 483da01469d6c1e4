export { imagesQuery } from './api/images'
export { ImageOptions } from './components/ImageOptions'
