import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { FileLock } from 'lucide-react'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { fileQuery, stackQuery } from '../api/stacks'
import { AdoptEditor } from '../components/AdoptEditor'
import { FileEditor } from '../components/FileEditor'
import { OldFile } from '../components/OldFile'

const route = getRouteApi('/_app/hosts/$host/stacks/$name/editor')

/** A stack's file: to be changed, an older one of it to be looked at, or, where there is none, one to be handed over. */
export default function EditorTab() {
  const { host, name } = route.useParams()
  const { revision: asked } = route.useSearch()
  const stack = useQuery(stackQuery({ host, name })).data
  const revision = asked === undefined || !/^\d+$/.test(asked) || Number(asked) === stack?.revision ? undefined : Number(asked)
  const file = useQuery({ ...fileQuery({ host, name }, revision), enabled: stack?.managed === true })
  if (stack === undefined) return null
  if (!stack.managed) return <AdoptEditor stack={stack} />
  if (file.isPending) return <Skeleton rows={12} label="Loading the file" />
  if (file.isError) return <ErrorPanel what="The file could not be loaded" error={file.error} onRetry={() => void file.refetch()} />
  if (file.data.compose == null) return <Empty icon={<FileLock size={20} />}>Your role does not show Compose files: they often hold passwords.</Empty>
  if (!file.data.is_newest) return <OldFile key={file.data.revision} stack={stack} file={file.data} />
  return <FileEditor key={file.data.revision} stack={stack} file={file.data} onReload={() => void file.refetch()} />
}
