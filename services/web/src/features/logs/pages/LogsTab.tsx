import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useContainer } from '@/features/containers'
import { Skeleton } from '@/ui/States'
import { LogWorkspace } from '../components/LogWorkspace'
import { downloadAll } from '../download'
import type { LogStream } from '../LogStream'
import { logOptions } from '../options'
import { useCondition, useLogStream } from '../useLog'

const route = getRouteApi('/_app/hosts/$host/containers/$id/logs')

/** A container's log, live. */
export default function LogsTab() {
  const container = useContainer()
  const stream = useLogStream(container.host, container.id)
  return stream === null ? <Skeleton rows={12} /> : <Log key={container.id} stream={stream} />
}

function Log({ stream }: { stream: LogStream }) {
  const container = useContainer()
  const { id, name, tty } = container
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const options = useMemo(() => logOptions(search), [search])
  const condition = useCondition(stream)

  return (
    <LogWorkspace
      name={name}
      store={stream.store}
      condition={condition}
      options={options}
      tty={tty}
      panes={[{ key: id, label: `Log of ${name}`, places: null }]}
      set={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
      downloads={[
        { label: 'Everything, as text', onSelect: () => downloadAll(container, 'text') },
        { label: 'Everything, as NDJSON', onSelect: () => downloadAll(container, 'ndjson') },
      ]}
    />
  )
}
