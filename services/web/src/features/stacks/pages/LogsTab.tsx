import { getRouteApi } from '@tanstack/react-router'
import { StackLogs } from '@/features/logs'

const route = getRouteApi('/_app/hosts/$host/stacks/$name/logs')

/** The logs of all containers of a stack in one view, also of those that come later. */
export default function LogsTab() {
  const { host, name } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return <StackLogs host={host} name={name} search={search} set={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
}
