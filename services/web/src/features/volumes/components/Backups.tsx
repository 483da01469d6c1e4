import { useInfiniteQuery } from '@tanstack/react-query'
import { Archive } from 'lucide-react'
import type { ReactNode } from 'react'
import { LoadMore } from '@/ui/LoadMore'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { backupsQuery, type BackupFilter } from '../api/backups'
import { BackupTable } from './BackupTable'

interface BackupsProps {
  of: BackupFilter
  /** What can be done where there is none. */
  action?: ReactNode
}

/** The backups of a volume, of a host, or all. */
export function Backups({ of, action }: BackupsProps) {
  const pages = useInfiniteQuery(backupsQuery(of))
  const backups = pages.data?.pages.flatMap(({ items }) => items) ?? []
  if (pages.isPending) return <Skeleton rows={6} />
  if (pages.isError && pages.data === undefined) return <ErrorPanel what="The backups could not be loaded" error={pages.error} onRetry={() => void pages.refetch()} />
  if (backups.length === 0) {
    return (
      <Empty icon={<Archive size={20} />} action={action}>
        There are no backups yet.
      </Empty>
    )
  }
  return (
    <>
      <BackupTable backups={backups} ofOne={of.volume !== undefined} />
      <LoadMore query={pages} shown={backups.length} />
    </>
  )
}
