import { Status } from '@/ui/Status'
import type { Host } from '../api/contract'
import { conditionOf, TONES, trouble, WORDS } from '../model'

/** Whether a host's engine answers, as a dot and a word. */
export function HostState({ host, pill = false }: { host: Host; pill?: boolean }) {
  const condition = conditionOf(host)
  return (
    <Status tone={TONES[condition]} pill={pill} title={trouble(host) ?? undefined}>
      {WORDS[condition]}
    </Status>
  )
}
