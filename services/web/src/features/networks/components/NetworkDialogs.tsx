import { useState } from 'react'
import { useCan } from '@/features/auth'
import { useContainers } from '@/features/containers'
import { HostField, useOnlyHost } from '@/features/hosts'
import { plural } from '@/format/numbers'
import { Choice } from '@/ui/Choice'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { PruneDialog, PruneList } from '@/ui/PruneDialog'
import { SelectField } from '@/ui/SelectField'
import { toast } from '@/ui/toast'
import { pruneQuery, useConnect, useCreateNetwork, usePruneNetworks, useRemoveNetwork, type NetworkDetails, type NewNetwork } from '../api/networks'

interface OnHostProps {
  /** The host that is looked at. */
  host: string | undefined
  onClose: () => void
}

const PLAIN = { className: 'dl-mono', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false }

export function CreateNetworkDialog({ host: preferred, onClose }: OnHostProps) {
  const escape = useCan()('host.escape')
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [name, setName] = useState('')
  const [driver, setDriver] = useState<NonNullable<NewNetwork['driver']>>('bridge')
  const [parent, setParent] = useState('')
  const [subnet, setSubnet] = useState('')
  const [gateway, setGateway] = useState('')
  const [internal, setInternal] = useState(false)
  const [ipv6, setIpv6] = useState(false)
  const create = useCreateNetwork()
  const host = chosen ?? first
  const onHost = driver === 'macvlan' || driver === 'ipvlan'

  function submit(): void {
    if (host === '' || name === '') return
    const network: NewNetwork = {
      name,
      driver,
      internal,
      ipv6,
      subnets: subnet === '' ? [] : [{ subnet, gateway: gateway === '' ? null : gateway }],
      parent: onHost && parent !== '' ? parent : null,
    }
    create.mutate(
      { host, network },
      {
        onSuccess: () => {
          toast.success(`Created ${name}`)
          onClose()
        },
      },
    )
  }

  return (
    <Dialog
      title="Create a network"
      onClose={onClose}
      keepOpen
      onSubmit={submit}
      footer={<FormFooter submit="Create network" busy={create.isPending} disabled={host === '' || name === ''} onClose={onClose} />}
    >
      <HostField value={host} onValue={setHost} />
      <Field label="Name" data-autofocus {...PLAIN} value={name} onValue={setName} error={fieldError(create.error, 'name')} />
      <SelectField
        label="Driver"
        value={driver}
        options={[
          { value: 'bridge', label: 'bridge: a network within the host' },
          { value: 'overlay', label: 'overlay: over the hosts of a swarm' },
          ...(escape
            ? [
                { value: 'macvlan' as const, label: 'macvlan: addresses of their own on a network of the host’s' },
                { value: 'ipvlan' as const, label: 'ipvlan: the same with the host’s link-layer address' },
              ]
            : []),
        ]}
        onValue={setDriver}
        error={fieldError(create.error, 'driver')}
      />
      {onHost && (
        <Field label="Device of the host" placeholder="eth0" {...PLAIN} value={parent} onValue={setParent} error={fieldError(create.error, 'parent')} />
      )}
      <Field
        label="Addresses"
        placeholder="172.30.0.0/16"
        hint="The engine chooses them where nothing is written."
        {...PLAIN}
        value={subnet}
        onValue={setSubnet}
        error={fieldError(create.error, 'subnets')}
      />
      {subnet !== '' && <Field label="Gateway" hint="The first address where nothing is written." {...PLAIN} value={gateway} onValue={setGateway} />}
      <Choice checked={internal} onChange={setInternal} label="Internal" hint="It leads nowhere outside." />
      <Choice checked={ipv6} onChange={setIpv6} label="IPv6 as well" />
      <Refusal error={create.error} fields={['name', 'driver', 'subnets', 'parent']} />
    </Dialog>
  )
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
          { host: network.host, id: network.id, container, aliases: names, ipv4: ipv4 === '' ? null : ipv4 },
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
      <Refusal error={connect.error} fields={['container', 'aliases', 'ipv4']} />
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
