import type { Schema } from '@/api/client'
import { Banner } from '@/ui/Banner'

/** Names every host that does not answer; the others' containers are shown all the same. */
export function HostBanner({ hosts }: { hosts: readonly Schema<'HostStatus'>[] }) {
  return hosts
    .filter((host) => host.state === 'offline')
    .map((host) => (
      <Banner key={host.id} tone="red">
        The engine of host <strong>{host.id}</strong> does not answer; its containers are not shown. {host.error ?? ''}
      </Banner>
    ))
}
