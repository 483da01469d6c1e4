import { lazy, Suspense, useState } from 'react'
import { SquareTerminal } from 'lucide-react'
import { useContainer } from '@/features/containers'
import { Empty, Skeleton } from '@/ui/States'
import { StartForm } from '../components/StartForm'
import { begin, currentRun } from '../runs'
import '../terminal.scss'

// The terminal itself is loaded with the first one that is opened.
const TerminalView = lazy(() => import('../components/TerminalView'))

/** A terminal in the container. It outlives a reload of the page, and a look at another tab, for a minute. */
export default function TerminalTab() {
  const { host, id, state } = useContainer()
  const [run, setRun] = useState(() => currentRun(host, id))
  if (run !== null) {
    return (
      <Suspense fallback={<Skeleton rows={8} label="Opening the terminal" />}>
        <TerminalView key={run.no} run={run} onAgain={() => setRun(begin({ ...run, session: null }))} onOther={() => setRun(null)} />
      </Suspense>
    )
  }
  if (state !== 'running') {
    return <Empty icon={<SquareTerminal size={20} />}>A terminal needs a container that runs; this one is {state}.</Empty>
  }
  return (
    <div className="dl-scroll dl-padded">
      <StartForm onStart={(program, title) => setRun(begin({ host, container: id, program, title, session: null }))} />
    </div>
  )
}
