import { getRouteApi } from '@tanstack/react-router'
import { Eye, EyeOff, Lock } from 'lucide-react'
import { useState } from 'react'
import type { Schema } from '@/api/client'
import { bytes } from '@/format/numbers'
import { dateTime } from '@/format/time'
import { Copy } from '@/ui/Copy'
import { PlainTable } from '@/ui/PlainTable'
import { Segmented } from '@/ui/Segmented'
import { Fact, Facts } from '@/ui/Facts'
import { useContainer } from '../useContainer'

const route = getRouteApi('/_app/hosts/$host/containers/$id/inspect')

type Details = Schema<'ContainerDetails'>

/** Everything that is known about a container, in groups or as JSON. */
export default function InspectTab() {
  const container = useContainer()
  const { view = 'groups' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <div className="dl-scroll">
      <div className="dl-toolbar">
        <Segmented
          label="View"
          value={view}
          options={[
            { value: 'groups', label: 'Groups' },
            { value: 'json', label: 'JSON' },
          ]}
          onValue={(value) => void navigate({ search: { view: value === 'groups' ? undefined : value }, replace: true })}
        />
      </div>
      <div className="dl-padded">{view === 'json' ? <Json container={container} /> : <Groups container={container} />}</div>
    </div>
  )
}

function Json({ container }: { container: Details }) {
  const text = JSON.stringify(container, null, 2)
  return (
    <div className="dl-card dl-json">
      <Copy text={text} label="Copy the JSON" />
      {/* Long: it scrolls, so that the keyboard must reach it. */}
      <pre tabIndex={0} aria-label="JSON">
        {text}
      </pre>
    </div>
  )
}

function Groups({ container }: { container: Details }) {
  return (
    <div className="dl-columns dl-columns-packed dl-columns-wide">
      <Facts title="Process">
        <dl className="dl-facts">
          <Fact name="Command" mono>
            {container.secrets_hidden ? 'hidden from your role' : container.command.join(' ')}
          </Fact>
          <Fact name="Working folder" mono>
            {container.working_dir}
          </Fact>
          <Fact name="User">{container.user === '' ? 'as the image says' : container.user}</Fact>
          <Fact name="Host name" mono>
            {container.hostname}
          </Fact>
          <Fact name="Process ID">{container.pid === 0 ? null : container.pid}</Fact>
          <Fact name="Terminal">{container.tty ? 'yes' : 'no'}</Fact>
          <Fact name="Privileged">{container.privileged ? 'yes' : 'no'}</Fact>
          <Fact name="Log driver">{container.log_driver}</Fact>
          <Fact name="Memory limit">{container.memory_limit == null ? 'none' : bytes(container.memory_limit)}</Fact>
          <Fact name="CPU limit">{container.cpu_limit ?? 'none'}</Fact>
        </dl>
      </Facts>
      <Facts title="Life">
        <dl className="dl-facts">
          <Fact name="Created">{dateTime(container.created_at)}</Fact>
          <Fact name="Started">{container.started_at == null ? null : dateTime(container.started_at)}</Fact>
          <Fact name="Ended">{container.finished_at == null ? null : dateTime(container.finished_at)}</Fact>
          <Fact name="Image ID" mono>
            {container.image_id}
          </Fact>
          <Fact name="Container ID" mono>
            {container.id}
          </Fact>
        </dl>
      </Facts>
      <Environment container={container} />
      <Facts title="Networks">
        <PlainTable
          head={['Name', 'Address', 'Gateway', 'MAC', 'Other names']}
          rows={container.networks.map((network) => [
            network.name,
            network.ip_address,
            network.gateway,
            network.mac_address,
            network.aliases.join(', '),
          ])}
          none="It is in no network."
        />
      </Facts>
      <Facts title="Mounts">
        <PlainTable
          head={['Kind', 'From', 'To', 'Access']}
          rows={container.mounts.map((mount) => [
            mount.kind,
            mount.name ?? mount.source,
            mount.destination,
            mount.read_only ? 'read only' : 'read and write',
          ])}
          none="Nothing is mounted."
        />
      </Facts>
      <Facts title="Labels">
        <PlainTable head={['Name', 'Value']} rows={Object.entries(container.labels)} none={container.secrets_hidden ? 'Your role does not show labels.' : 'It has no labels.'} />
      </Facts>
    </div>
  )
}

function Environment({ container }: { container: Details }) {
  const [shown, setShown] = useState(false)
  const hidden = container.secrets_hidden
  return (
    <Facts
      title="Environment"
      extra={
        hidden ? (
          <span className="dl-dim dl-inline">
            <Lock size={13} aria-hidden /> Your role shows names only
          </span>
        ) : (
          container.env.length > 0 && (
            <button type="button" className="btn btn-ghost btn-sm" aria-pressed={shown} onClick={() => setShown(!shown)}>
              {shown ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />} {shown ? 'Hide values' : 'Show values'}
            </button>
          )
        )
      }
    >
      <PlainTable
        head={['Name', 'Value']}
        rows={container.env.map(({ name, value }) => [name, hidden ? 'hidden' : shown ? (value ?? '') : '••••••••'])}
        none="It has no variables."
      />
    </Facts>
  )
}
