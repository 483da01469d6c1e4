import { useQuery } from '@tanstack/react-query'
import { Cpu } from 'lucide-react'
import { plural } from '@/format/numbers'
import { PlainTable } from '@/ui/PlainTable'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { topQuery } from '../api/look'
import { useContainer } from '../useContainer'

/** What runs in the container now. */
export default function ProcessesTab() {
  const { host, id, state } = useContainer()
  const running = state === 'running' || state === 'paused'
  const top = useQuery({ ...topQuery(host, id), enabled: running })
  if (!running) return <Empty icon={<Cpu size={20} />}>Nothing runs in it: it is {state}.</Empty>
  const data = top.data
  return (
    <div className="dl-scroll dl-padded dl-stack">
      {top.isPending && <Skeleton rows={6} />}
      {top.isError && data === undefined && <ErrorPanel what="The processes could not be loaded" error={top.error} onRetry={() => void top.refetch()} />}
      {data !== undefined && (
        <section className="dl-card dl-processes" aria-label="Processes">
          <header className="dl-card-head">
            <h2>{plural(data.processes.length, 'process', 'processes')}</h2>
            {!data.titles.some((title) => /^(CMD|COMMAND)$/.test(title)) && <span className="dl-dim">Your role does not show commands</span>}
          </header>
          <PlainTable head={data.titles} rows={data.processes} none="Nothing runs in it." />
        </section>
      )}
    </div>
  )
}
