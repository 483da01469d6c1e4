import { recordOf, type Pair } from '@/ui/PairsField'
import type { NewNetwork } from './api/networks'

export type Driver = NonNullable<NewNetwork['driver']>

/** A network while it is described, as it is typed. */
export interface NetworkForm {
  name: string
  driver: Driver
  /** The host's device, for drivers that lie on one. */
  parent: string
  subnet: string
  gateway: string
  ipRange: string
  ipv6: boolean
  subnet6: string
  internal: boolean
  attachable: boolean
  mtu: string
  labels: Pair[]
}

export const EMPTY: NetworkForm = {
  name: '',
  driver: 'bridge',
  parent: '',
  subnet: '',
  gateway: '',
  ipRange: '',
  ipv6: false,
  subnet6: '',
  internal: false,
  attachable: false,
  mtu: '',
  labels: [],
}

export const onDevice = (driver: Driver): boolean => driver === 'macvlan' || driver === 'ipvlan'

/** Why the size of packets cannot be read; undefined when it can. */
export function wrongMtu(mtu: string): string | undefined {
  return mtu.trim() === '' || /^\d+$/.test(mtu.trim()) ? undefined : 'Write a number of bytes.'
}

const text = (value: string): string | null => (value.trim() === '' ? null : value.trim())

/** What is typed as the request; what means nothing with the chosen driver is left out. */
export function readNetwork(form: NetworkForm): NewNetwork {
  const subnets: NonNullable<NewNetwork['subnets']> = []
  const subnet = text(form.subnet)
  if (subnet !== null) subnets.push({ subnet, gateway: text(form.gateway), ip_range: text(form.ipRange) })
  const subnet6 = form.ipv6 ? text(form.subnet6) : null
  if (subnet6 !== null) subnets.push({ subnet: subnet6 })
  return {
    name: form.name.trim(),
    driver: form.driver,
    internal: form.internal,
    ipv6: form.ipv6,
    attachable: form.driver === 'overlay' && form.attachable,
    subnets,
    parent: onDevice(form.driver) ? text(form.parent) : null,
    mtu: text(form.mtu) === null ? null : Number(form.mtu),
    labels: recordOf(form.labels),
  }
}
