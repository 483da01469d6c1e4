import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Boxes, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCan } from '@/features/auth'
import { HostedPage } from '@/features/hosts'
import { Segmented } from '@/ui/Segmented'
import { Empty } from '@/ui/States'
import { stacksQuery, type Stack } from '../api/stacks'
import type { Intent } from '../components/StackActions'
import { StackDialogs } from '../components/StackDialogs'
import { StackTable } from '../components/StackTable'
import { matches, SORT_KEYS, sorted, STATES, WORDS } from '../model'

const route = getRouteApi('/_app/stacks')
const NONE: Stack[] = []

/** The Compose projects of all hosts, whoever made them. */
export default function StacksPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const list = useQuery(stacksQuery)
  const [intent, setIntent] = useState<Intent | null>(null)
  const all = list.data?.items ?? NONE
  const { q, host, state } = search
  const sort = SORT_KEYS.find((key) => key === search.sort) ?? 'name'
  const descending = search.desc === '1'
  const inScope = useMemo(() => all.filter((stack) => matches(stack, { q, host })), [all, q, host])
  const shown = useMemo(() => sorted(inScope.filter((stack) => matches(stack, { state })), sort, descending), [inScope, state, sort, descending])

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  const create = can('stacks.manage') && (
    <Link to="/stacks/new" search={{ host }} className="btn btn-primary">
      <Plus size={15} aria-hidden /> Deploy stack
    </Link>
  )
  return (
    <HostedPage
      title="Stacks"
      noun="stack"
      placeholder="Name, service"
      query={list}
      shown={shown.length}
      scope={{ q, host }}
      onScope={set}
      onClear={() => set({ q: '', host: '', state: '' })}
      filters={<Segmented label="State" value={state ?? ''} options={stateOptions(inScope)} onValue={(value) => set({ state: value })} />}
      actions={create}
      dialogs={<StackDialogs intent={intent} onClose={() => setIntent(null)} />}
      empty={
        <Empty icon={<Boxes size={20} />} action={create}>
          There are no stacks yet. Compose projects appear here, whoever started them.
        </Empty>
      }
    >
      <StackTable
        stacks={shown}
        sort={sort}
        descending={descending}
        onSort={(key) => set({ sort: key === 'name' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
        onIntent={setIntent}
      />
    </HostedPage>
  )
}

/** The states that occur, with their numbers. */
function stateOptions(stacks: readonly Stack[]) {
  const options = [{ value: '', label: 'All', count: stacks.length }]
  for (const state of STATES) {
    const count = stacks.filter((stack) => stack.state === state).length
    if (count > 0) options.push({ value: state, label: WORDS[state], count })
  }
  return options
}
