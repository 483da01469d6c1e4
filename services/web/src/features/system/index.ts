export { DiskUsageCard } from './components/DiskUsageCard'
