export { VolumeOptions } from './components/VolumeOptions'
export { volumesQuery, type Volume } from './api/volumes'
export { titleOf as volumeTitle } from './model'
