import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { apiUrl, upload } from '@/api/transfer'
import { useChange, type Notices } from '@/api/useChange'
import { saveDownload } from '@/ui/saveDownload'

export type Backup = Schema<'BackupRecord'>

export interface BackupFilter {
  host?: string | undefined
  volume?: string | undefined
}

/** Those that schedules make are told of by nothing else. */
const EVERY_MS = 15_000

export function backupsQuery({ host, volume }: BackupFilter) {
  return infiniteQueryOptions({
    queryKey: ['backups', host ?? '', volume ?? ''],
    queryFn: ({ pageParam, signal }) => unwrap(api.GET('/api/v1/backups', { params: { query: { host, volume, limit: 100, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: EVERY_MS,
  })
}

export interface VolumeKey {
  host: string
  name: string
}

/** A backup and its way back are jobs. */
const JOBS = [['jobs']]

/** Begins to write a volume's files into the folder of backups. */
export function useBackUp(notices: Notices<VolumeKey, Schema<'JobAccepted'>>) {
  return useChange(
    JOBS,
    ({ host, name }: VolumeKey) => unwrap(api.POST('/api/v1/hosts/{host}/volumes/{name}/backup', { params: { path: { host, name } } })),
    // The button stays: a second click would begin a second backup.
    { ...notices, untilRead: true },
  )
}

export interface Restoring {
  backup: Backup
  host: string
  volume: string
  /** Also while containers use it. */
  force: boolean
}

export function useRestoreBackup() {
  return useChange(JOBS, ({ backup, host, volume, force }: Restoring) =>
    unwrap(api.POST('/api/v1/backups/{id}/restore', { params: { path: { id: backup.id } }, body: { host, volume, force } })),
  )
}

export function useRemoveBackup() {
  return useChange([['backups']], (id: string) => unwrap(api.DELETE('/api/v1/backups/{id}', { params: { path: { id } } })))
}

export function downloadBackup({ id, volume, created_at }: Backup): Promise<void> {
  return saveDownload(apiUrl(`/api/v1/backups/${id}/content`, {}), `${volume}-${created_at.slice(0, 19).replaceAll(':', '')}.tar`)
}

/** Everything in the volume as it is now, as a tar. */
export function downloadVolume({ host, name }: VolumeKey): Promise<void> {
  return saveDownload(apiUrl(`/api/v1/hosts/${host}/volumes/${name}/archive`, {}), `${name}.tar`)
}

interface Unpacking extends VolumeKey {
  file: File
  force: boolean
  onProgress: (sent: number) => void
}

/** Puts what is in a tar into the volume. */
export function useUnpackIntoVolume() {
  return useChange(
    ({ host, name }) => [['files', host, 'volume', name], ['volumes']],
    ({ host, name, file, force, onProgress }: Unpacking) =>
      upload<Schema<'ArchiveUnpacked'>>(apiUrl(`/api/v1/hosts/${host}/volumes/${name}/archive`, { force: String(force) }), {
        method: 'PUT',
        body: file,
        headers: { 'content-type': 'application/x-tar' },
        onProgress,
      }),
  )
}
