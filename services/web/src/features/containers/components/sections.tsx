import { TriangleAlert } from 'lucide-react'
import { useId, type ReactNode } from 'react'
import { Choice } from '@/ui/Choice'
import { describedBy, Field, FieldNotes } from '@/ui/Field'
import { PairsField } from '@/ui/PairsField'
import { SelectField } from '@/ui/SelectField'
import type { ContainerForm, FormField, LogDriverName, RestartName } from '../form/form'

export const RESTARTS: readonly { value: RestartName; label: string }[] = [
  { value: 'no', label: 'Leave it ended' },
  { value: 'unless-stopped', label: 'Start it again, unless it was stopped' },
  { value: 'always', label: 'Start it again always' },
  { value: 'on-failure', label: 'Start it again after a failure' },
]

const LOG_DRIVERS: readonly { value: '' | LogDriverName; label: string }[] = [
  { value: '', label: 'The engine’s default' },
  { value: 'json-file', label: 'json-file' },
  { value: 'local', label: 'local: the same, smaller' },
  { value: 'journald', label: 'journald of the host' },
  { value: 'none', label: 'none: nothing is kept, and no log can be read' },
]

interface SectionProps {
  form: ContainerForm
  set: (change: Partial<ContainerForm>) => void
  problem: (field: FormField) => string | undefined
}

const PLAIN = { className: 'dl-mono', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false }

/** What it runs, beside its image. */
export function CommandSection({ form, set, problem }: SectionProps) {
  return (
    <>
      <Field label="Command" placeholder="as the image says" hint="No shell reads it: for pipes and variables, write sh -c '…'." {...PLAIN} value={form.command} onValue={(command) => set({ command })} error={problem('command')} />
      <PairsField title="Environment" noun="variable" pairs={form.env} onPairs={(env) => set({ env })} placeholder={{ key: 'NAME', value: 'value' }} error={problem('env')} />
      <div className="dl-form-row">
        <SelectField label="When it ends" value={form.restart} options={RESTARTS} onValue={(restart) => set({ restart })} error={problem('restart')} />
        {form.restart === 'on-failure' && (
          <Field label="Attempts" placeholder="no limit" inputMode="numeric" {...PLAIN} value={form.retries} onValue={(retries) => set({ retries })} error={problem('retries')} />
        )}
      </div>
    </>
  )
}

/** How it is reached and where it keeps its data. */
export function ReachSection({ form, set, problem, escape }: SectionProps & { escape: boolean }) {
  return (
    <>
      <Lines label="Ports" placeholder={'8080:80\n127.0.0.1:5353:53/udp'} hint="One a line, as docker run -p takes them." value={form.ports} onValue={(ports) => set({ ports })} error={problem('ports')} />
      <Lines
        label="Volumes"
        placeholder={'data:/var/lib/data\ntmpfs:/tmp'}
        hint={escape ? 'One a line, as docker run -v takes them; tmpfs:/path for a folder in memory. Paths of the host reach the host.' : 'One a line: a volume’s name and the path, or tmpfs and the path. Paths of the host need an administrator.'}
        value={form.mounts}
        onValue={(mounts) => set({ mounts })}
        error={problem('mounts')}
      />
      <Lines
        label="Networks"
        placeholder={'front\nback: db, database'}
        hint="One a line; after a colon the other names it has there, and an address if it is to have a fixed one. The engine’s default where nothing is written."
        value={form.networks}
        onValue={(networks) => set({ networks })}
        error={problem('networks')}
      />
    </>
  )
}

export function LimitsSection({ form, set, problem }: SectionProps) {
  return (
    <div className="dl-form-row">
      <Field label="Memory" placeholder="no limit" {...PLAIN} value={form.memory} onValue={(memory) => set({ memory })} error={problem('memory')} />
      <Field label="CPUs" placeholder="no limit" {...PLAIN} value={form.cpus} onValue={(cpus) => set({ cpus })} error={problem('cpus')} />
      <Field label="Processes" placeholder="no limit" {...PLAIN} value={form.pids} onValue={(pids) => set({ pids })} error={problem('pids')} />
    </div>
  )
}

/** What is seldom needed. */
export function AdvancedSection({ form, set, problem }: SectionProps) {
  return (
    <>
      <Field label="Entry point" placeholder="as the image says" {...PLAIN} value={form.entrypoint} onValue={(entrypoint) => set({ entrypoint })} error={problem('entrypoint')} />
      <div className="dl-form-row">
        <Field label="Working folder" placeholder="as the image says" {...PLAIN} value={form.workdir} onValue={(workdir) => set({ workdir })} error={problem('workdir')} />
        <Field label="User" placeholder="as the image says" {...PLAIN} value={form.user} onValue={(user) => set({ user })} error={problem('user')} />
        <Field label="Host name" placeholder="its ID" {...PLAIN} value={form.hostname} onValue={(hostname) => set({ hostname })} error={problem('hostname')} />
      </div>
      <Field label="Health check" placeholder="wget -q -O /dev/null http://localhost/" hint="A line for the container’s shell; the image’s own where nothing is written. Times are in seconds." {...PLAIN} disabled={form.healthOff} value={form.health} onValue={(health) => set({ health })} error={problem('health')} />
      {!form.healthOff && form.health.trim() !== '' && (
        <div className="dl-form-row">
          <Field label="Check every" placeholder="30 s" {...PLAIN} value={form.healthInterval} onValue={(healthInterval) => set({ healthInterval })} error={problem('healthInterval')} />
          <Field label="At most" placeholder="30 s" {...PLAIN} value={form.healthTimeout} onValue={(healthTimeout) => set({ healthTimeout })} error={problem('healthTimeout')} />
          <Field label="Grace at the start" placeholder="0 s" {...PLAIN} value={form.healthStart} onValue={(healthStart) => set({ healthStart })} error={problem('healthStart')} />
          <Field label="Failures in a row" placeholder="3" {...PLAIN} value={form.healthRetries} onValue={(healthRetries) => set({ healthRetries })} error={problem('healthRetries')} />
        </div>
      )}
      <Choice checked={form.healthOff} onChange={(healthOff) => set({ healthOff })} label="No health check at all" />
      <div className="dl-form-row">
        <Field label="Seconds to stop" placeholder="10" {...PLAIN} value={form.stopTimeout} onValue={(stopTimeout) => set({ stopTimeout })} error={problem('stopTimeout')} />
        <Field label="Capabilities to drop" placeholder="ALL" {...PLAIN} value={form.capDrop} onValue={(capDrop) => set({ capDrop })} error={problem('capDrop')} />
      </div>
      <PairsField title="Labels" noun="label" pairs={form.labels} onPairs={(labels) => set({ labels })} placeholder={{ key: 'com.example.team', value: 'web' }} error={problem('labels')} />
      <SelectField label="Log driver" value={form.logDriver} options={LOG_DRIVERS} onValue={(logDriver) => set({ logDriver })} error={problem('logDriver')} />
      {form.logDriver !== '' && form.logDriver !== 'none' && (
        <PairsField
          title="Log options"
          noun="log option"
          pairs={form.logOptions}
          onPairs={(logOptions) => set({ logOptions })}
          placeholder={{ key: 'max-size', value: '10m' }}
          hint="max-size, max-file and compress of json-file and local; tag, labels and env of all."
          error={problem('logOptions')}
        />
      )}
      <Choice checked={form.init} onChange={(init) => set({ init })} label="Init process" hint="It passes signals on and reaps zombies." />
      <Choice checked={form.tty} onChange={(tty) => set({ tty })} label="Terminal" hint="It gets one, and its input stays open." />
      <Choice checked={form.readOnly} onChange={(readOnly) => set({ readOnly })} label="Its own file system cannot be written" />
    </>
  )
}

/** What makes a container part of its host. */
export function EscapeSection({ form, set, problem }: SectionProps) {
  return (
    <>
      <div className="dl-note dl-tone-amber">
        <TriangleAlert size={16} aria-hidden />
        <p>
          <strong>Whoever controls such a container controls its host.</strong> Everything here is written into the audit log, and terminals in it are for
          administrators only.
        </p>
      </div>
      <Choice checked={form.privileged} onChange={(privileged) => set({ privileged })} label="Privileged" hint="All capabilities, and all devices of the host." />
      <div className="dl-form-row">
        <Field label="Network mode" placeholder="host" {...PLAIN} value={form.networkMode} onValue={(networkMode) => set({ networkMode })} error={problem('networkMode')} />
        <Field label="Process namespace" placeholder="host" {...PLAIN} value={form.pidMode} onValue={(pidMode) => set({ pidMode })} error={problem('pidMode')} />
        <Field label="IPC namespace" placeholder="host" {...PLAIN} value={form.ipcMode} onValue={(ipcMode) => set({ ipcMode })} error={problem('ipcMode')} />
        <Field label="UTS namespace" placeholder="host" {...PLAIN} value={form.utsMode} onValue={(utsMode) => set({ utsMode })} error={problem('utsMode')} />
        <Field label="User namespace" placeholder="host" {...PLAIN} value={form.usernsMode} onValue={(usernsMode) => set({ usernsMode })} error={problem('usernsMode')} />
        <Field label="Control group above it" placeholder="/system.slice" {...PLAIN} value={form.cgroupParent} onValue={(cgroupParent) => set({ cgroupParent })} error={problem('cgroupParent')} />
      </div>
      <Field label="Capabilities to add" placeholder="NET_ADMIN" {...PLAIN} value={form.capAdd} onValue={(capAdd) => set({ capAdd })} error={problem('capAdd')} />
      <Lines label="Devices" placeholder="/dev/fuse" value={form.devices} onValue={(devices) => set({ devices })} error={problem('devices')} />
      <Field label="Security options" placeholder="no-new-privileges" {...PLAIN} value={form.securityOptions} onValue={(securityOptions) => set({ securityOptions })} error={problem('securityOptions')} />
      <PairsField title="Kernel parameters" noun="parameter" pairs={form.sysctls} onPairs={(sysctls) => set({ sysctls })} placeholder={{ key: 'net.core.somaxconn', value: '1024' }} error={problem('sysctls')} />
    </>
  )
}

interface LinesProps {
  label: string
  placeholder: string
  hint?: ReactNode
  value: string
  error?: string | undefined
  onValue: (value: string) => void
}

/** Several entries, one a line. */
function Lines({ label, placeholder, hint, value, error, onValue }: LinesProps) {
  const id = useId()
  return (
    <div className="dl-field">
      <label className="form-label" htmlFor={id}>
        {label}
      </label>
      <textarea
        id={id}
        className={`form-control dl-mono dl-lines ${error === undefined ? '' : 'is-invalid'}`}
        rows={Math.max(2, value.split('\n').length)}
        placeholder={placeholder}
        autoCapitalize="none"
        spellCheck={false}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, { hint, error })}
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
      <FieldNotes id={id} hint={hint} error={error} />
    </div>
  )
}
