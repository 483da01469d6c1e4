import { useMemo } from 'react'
import type { LogSearch } from '../options'
import { MergedLogs } from './MergedLogs'

interface StackLogsProps {
  host: string
  name: string
  search: LogSearch
  set: (change: LogSearch) => void
}

/** The logs of all containers of a stack, also of those that come later. */
export function StackLogs({ host, name, search, set }: StackLogsProps) {
  const selection = useMemo(() => ({ containers: [], stacks: [`${host}/${name}`] }), [host, name])
  return <MergedLogs view={`stack ${host}/${name}`} selection={selection} name={name} search={search} set={set} />
}
