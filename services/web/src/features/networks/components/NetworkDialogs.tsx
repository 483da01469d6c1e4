import { useState } from 'react'
import { useCan } from '@/features/auth'
import { useContainers } from '@/features/containers'
import { HostField, useOnlyHost } from '@/features/hosts'
import { plural } from '@/format/numbers'
import { Choice } from '@/ui/Choice'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { PairsField } from '@/ui/PairsField'
import { PruneDialog, PruneList } from '@/ui/PruneDialog'
import { SelectField } from '@/ui/SelectField'
import { toast } from '@/ui/toast'
import { pruneQuery, useConnect, useCreateNetwork, usePruneNetworks, useRemoveNetwork, type NetworkDetails } from '../api/networks'
import { EMPTY, onDevice, readNetwork, wrongMtu, type Driver, type NetworkForm } from '../form'

interface OnHostProps {
  /** The host that is looked at. */
  host: string | undefined
  onClose: () => void
}

const PLAIN = { className: 'dl-mono', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false }

const FIELDS = ['name', 'driver', 'subnets', 'parent', 'mtu', 'labels']

export function CreateNetworkDialog({ host: preferred, onClose }: OnHostProps) {
  const escape = useCan()('host.escape')
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [form, setForm] = useState<NetworkForm>(EMPTY)
  const create = useCreateNetwork()
  const host = chosen ?? first
  const set = (change: Partial<NetworkForm>) => setForm({ ...form, ...change })
  const ready = host !== '' && form.name.trim() !== '' && wrongMtu(form.mtu) === undefined

  function submit(): void {
    if (!ready) return
    create.mutate(
      { host, network: readNetwork(form) },
      {
        onSuccess: () => {
          toast.success(`Created ${form.name}`)
          onClose()
        },
      },
    )
  }

  return (
    <Dialog title="Create a network" onClose={onClose} keepOpen onSubmit={submit} footer={<FormFooter submit="Create network" busy={create.isPending} disabled={!ready} onClose={onClose} />}>
      <HostField value={host} onValue={setHost} />
      <Field label="Name" data-autofocus {...PLAIN} value={form.name} onValue={(name) => set({ name })} error={fieldError(create.error, 'name')} />
      <SelectField label="Driver" value={form.driver} options={driversFor(escape)} onValue={(driver) => set({ driver })} error={fieldError(create.error, 'driver')} />
      {onDevice(form.driver) && (
        <Field label="Device of the host" placeholder="eth0" {...PLAIN} value={form.parent} onValue={(parent) => set({ parent })} error={fieldError(create.error, 'parent')} />
      )}
      <Field
        label="Addresses"
        placeholder="172.30.0.0/16"
        hint="The engine chooses them where nothing is written."
        {...PLAIN}
        value={form.subnet}
        onValue={(subnet) => set({ subnet })}
        error={fieldError(create.error, 'subnets')}
      />
      {form.subnet !== '' && (
        <div className="dl-form-row">
          <Field label="Gateway" placeholder="the first address" {...PLAIN} value={form.gateway} onValue={(gateway) => set({ gateway })} />
          <Field label="Only from this part" placeholder="all of it" {...PLAIN} value={form.ipRange} onValue={(ipRange) => set({ ipRange })} />
        </div>
      )}
      <Choice checked={form.ipv6} onChange={(ipv6) => set({ ipv6 })} label="IPv6 as well" />
      {form.ipv6 && <Field label="IPv6 addresses" placeholder="fd00:9::/64" {...PLAIN} value={form.subnet6} onValue={(subnet6) => set({ subnet6 })} />}
      <Choice checked={form.internal} onChange={(internal) => set({ internal })} label="Internal" hint="It leads nowhere outside." />
      {form.driver === 'overlay' && <Choice checked={form.attachable} onChange={(attachable) => set({ attachable })} label="Containers may join it by hand" />}
      <Field label="Largest packet" placeholder="as the host’s" {...PLAIN} inputMode="numeric" value={form.mtu} onValue={(mtu) => set({ mtu })} error={wrongMtu(form.mtu) ?? fieldError(create.error, 'mtu')} />
      <PairsField title="Labels" noun="label" pairs={form.labels} onPairs={(labels) => set({ labels })} placeholder={{ key: 'com.example.team', value: 'web' }} error={fieldError(create.error, 'labels')} />
      <Refusal error={create.error} fields={FIELDS} />
    </Dialog>
  )
}

/** Those that lie on a device of the host reach it. */
function driversFor(escape: boolean): { value: Driver; label: string }[] {
  return [
    { value: 'bridge', label: 'bridge: a network within the host' },
    { value: 'overlay', label: 'overlay: over the hosts of a swarm' },
    ...(escape
      ? [
          { value: 'macvlan' as const, label: 'macvlan: addresses of their own on a network of the host’s' },
          { value: 'ipvlan' as const, label: 'ipvlan: the same with the host’s link-layer address' },
        ]
      : []),
  ]
}

interface RemoveNetworkProps {
  network: { host: string; id: string; name: string }
  onClose: () => void
  onRemoved?: () => void
}

export function RemoveNetworkDialog({ network, onClose, onRemoved }: RemoveNetworkProps) {
  const remove = useRemoveNetwork()
  return (
    <Dialog
      title={`Remove ${network.name}?`}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(network, {
          onSuccess: () => {
            toast.success(`Removed ${network.name}`)
            onClose()
            onRemoved?.()
          },
        })
      }
      footer={<FormFooter submit="Remove network" danger busy={remove.isPending} onClose={onClose} />}
    >
      <p>No container is in it. Containers that name it when they start need it back.</p>
      <Refusal error={remove.error} />
    </Dialog>
  )
}

export function ConnectDialog({ network, onClose }: { network: NetworkDetails; onClose: () => void }) {
  const [container, setContainer] = useState('')
  const [aliases, setAliases] = useState('')
  const [ipv4, setIpv4] = useState('')
  const [ipv6, setIpv6] = useState('')
  const connect = useConnect()
  const members = new Set(network.members.map(({ id }) => id))
  const others = (useContainers().data?.items ?? []).filter(({ host, id }) => host === network.host && !members.has(id))
  return (
    <Dialog
      title={`Connect to ${network.name}`}
      onClose={onClose}
      keepOpen
      onSubmit={() => {
        if (container === '') return
        const names = aliases.split(/[\s,]+/).filter((alias) => alias !== '')
        connect.mutate(
          { host: network.host, id: network.id, container, aliases: names, ipv4: ipv4 === '' ? null : ipv4, ipv6: ipv6 === '' ? null : ipv6 },
          {
            onSuccess: () => {
              toast.success(`Connected ${others.find(({ id }) => id === container)?.name ?? container} to ${network.name}`)
              onClose()
            },
          },
        )
      }}
      footer={<FormFooter submit="Connect" busy={connect.isPending} disabled={container === ''} onClose={onClose} />}
    >
      <SelectField
        label="Container"
        value={container}
        options={[{ value: '', label: 'Choose a container' }, ...others.map(({ id, name, state }) => ({ value: id, label: state === 'running' ? name : `${name} (${state})` }))]}
        onValue={setContainer}
        error={fieldError(connect.error, 'container')}
      />
      <Field label="Other names there" placeholder="db, database" {...PLAIN} value={aliases} onValue={setAliases} error={fieldError(connect.error, 'aliases')} />
      <Field label="Address" hint="The engine chooses one where nothing is written." {...PLAIN} value={ipv4} onValue={setIpv4} error={fieldError(connect.error, 'ipv4')} />
      {network.ipv6 && <Field label="IPv6 address" hint="The engine chooses one where nothing is written." {...PLAIN} value={ipv6} onValue={setIpv6} error={fieldError(connect.error, 'ipv6')} />}
      <Refusal error={connect.error} fields={['container', 'aliases', 'ipv4', 'ipv6']} />
    </Dialog>
  )
}

export function PruneNetworksDialog({ host: preferred, onClose }: OnHostProps) {
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const prune = usePruneNetworks()
  const host = chosen ?? first
  return (
    <PruneDialog
      title="Remove unused networks"
      preview={{ ...pruneQuery(host), enabled: host !== '' }}
      nothing={({ items }) => items.length === 0}
      prune={{
        ...prune,
        mutate: () =>
          prune.mutate(host, {
            onSuccess: ({ removed }) => {
              toast.success(`Removed ${plural(removed.length, 'network')}`)
              onClose()
            },
          }),
      }}
      choices={<HostField value={host} onValue={setHost} />}
      onClose={onClose}
    >
      {({ items }) => (
        <>
          <p>{plural(items.length, 'network')} without a container, running or not:</p>
          <PruneList label="Networks to remove" items={items.map(({ id, name, stack }) => ({ key: id, name, side: stack }))} />
        </>
      )}
    </PruneDialog>
  )
}
