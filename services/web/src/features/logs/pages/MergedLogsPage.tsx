import { getRouteApi } from '@tanstack/react-router'
import { Plus, ScrollText } from 'lucide-react'
import { useMemo, useState } from 'react'
import { plural } from '@/format/numbers'
import { Page } from '@/ui/Page'
import { Empty } from '@/ui/States'
import { ContainerPicker } from '../components/ContainerPicker'
import { MergedLogs } from '../components/MergedLogs'
import type { Place } from '../Place'
import { containersParam, isEmpty, isWanted, parseSelection, type Wanted } from '../selection'

const route = getRouteApi('/_app/logs')

/** The logs of any containers of any hosts, together. */
export default function MergedLogsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [picking, setPicking] = useState(false)
  const { c, stack } = search
  const selection = useMemo(() => parseSelection({ c, stack }), [c, stack])
  const { containers, stacks } = selection

  function set(change: typeof search): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  function choose(chosen: readonly Wanted[]): void {
    setPicking(false)
    set({ c: containersParam(chosen), line: undefined })
  }

  function removal({ key, host }: Place): (() => void) | undefined {
    const others = containers.filter((wanted) => !isWanted(wanted, { host: host === '' ? (wanted.host ?? '') : host, id: key }))
    return others.length < containers.length ? () => choose(others) : undefined
  }

  const title = stacks.length === 1 && containers.length === 0 ? `Logs of ${stacks[0]?.split('/')[1] ?? ''}` : 'Logs'
  return (
    <Page
      title={title}
      fill
      actions={
        !isEmpty(selection) && (
          <span className="dl-dim dl-wide-only">
            {[containers.length > 0 ? plural(containers.length, 'container') : '', stacks.length > 0 ? plural(stacks.length, 'stack') : ''].filter(Boolean).join(', ')}
          </span>
        )
      }
    >
      {isEmpty(selection) ? (
        <Empty
          icon={<ScrollText size={20} />}
          action={
            <button type="button" className="btn btn-primary" onClick={() => setPicking(true)}>
              <Plus size={15} aria-hidden /> Choose containers
            </button>
          }
        >
          The logs of several containers in one view, whatever hosts they are on.
        </Empty>
      ) : (
        <MergedLogs view="page" selection={selection} name="logs" search={search} set={set} onAdd={() => setPicking(true)} removal={removal} />
      )}
      {picking && <ContainerPicker chosen={containers} onChoose={choose} onClose={() => setPicking(false)} />}
    </Page>
  )
}
