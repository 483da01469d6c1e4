import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { apiUrl, upload } from '@/api/transfer'
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

/** Begins to write a volume's files into the folder of backups. */
export function useBackUp() {
  return useBegun(({ host, name }: VolumeKey) => unwrap(api.POST('/api/v1/hosts/{host}/volumes/{name}/backup', { params: { path: { host, name } } })))
}

export interface Restoring {
  backup: Backup
  host: string
  volume: string
  /** Also while containers use it. */
  force: boolean
}

export function useRestoreBackup() {
  return useBegun(({ backup, host, volume, force }: Restoring) =>
    unwrap(api.POST('/api/v1/backups/{id}/restore', { params: { path: { id: backup.id } }, body: { host, volume, force } })),
  )
}

function useBegun<Variables, Answer>(begin: (variables: Variables) => Promise<Answer>) {
  const queries = useQueryClient()
  return useMutation({ mutationFn: begin, onSettled: () => queries.invalidateQueries({ queryKey: ['jobs'] }) })
}

export function useRemoveBackup() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/api/v1/backups/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['backups'] }),
  })
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
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ host, name, file, force, onProgress }: Unpacking) =>
      upload<Schema<'ArchiveUnpacked'>>(apiUrl(`/api/v1/hosts/${host}/volumes/${name}/archive`, { force: String(force) }), {
        method: 'PUT',
        body: file,
        headers: { 'content-type': 'application/x-tar' },
        onProgress,
      }),
    onSettled: (_data, _error, { host, name }) =>
      Promise.all([queries.invalidateQueries({ queryKey: ['files', host, 'volume', name] }), queries.invalidateQueries({ queryKey: ['volumes'] })]),
  })
}
