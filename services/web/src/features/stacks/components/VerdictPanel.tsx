import { CircleAlert, CircleCheck, ShieldAlert, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { plural } from '@/format/numbers'
import type { Mark } from '@/ui/code/marks'
import { Choice } from '@/ui/Choice'
import type { Tone } from '@/ui/Status'
import type { Verdict } from '../api/stacks'

function Note({ tone, icon, children, alert = false }: { tone: Tone; icon: ReactNode; children: ReactNode; alert?: boolean }) {
  return (
    <div className={`dl-note dl-tone-${tone}`} role={alert ? 'alert' : 'status'}>
      {icon}
      <div>{children}</div>
    </div>
  )
}

/** What the Compose plugin does not take, line by line. */
export function Problems({ problems }: { problems: readonly Mark[] }) {
  return (
    <Note tone="red" icon={<CircleAlert size={16} aria-hidden />} alert>
      <strong className="dl-strong">The file is not valid.</strong>
      <ul className="dl-list">
        {problems.map(({ line, message }) => (
          <li key={`${line} ${message}`}>
            {line != null && !message.toLowerCase().includes(`line ${line}`) && <span className="dl-dim">Line {line}: </span>}
            {message}
          </li>
        ))}
      </ul>
    </Note>
  )
}

interface EscapesProps {
  reasons: readonly string[]
  /** Who is asked may allow it. */
  allowed: boolean
  accepted: boolean
  onAccepted: (accepted: boolean) => void
}

/** By what the file reaches its host, before it does. */
export function Escapes({ reasons, allowed, accepted, onAccepted }: EscapesProps) {
  return (
    <Note tone={allowed ? 'amber' : 'red'} icon={<ShieldAlert size={16} aria-hidden />} alert>
      <strong className="dl-strong">{allowed ? 'It reaches the host.' : 'It reaches the host, which takes an administrator.'}</strong>
      <ul className="dl-bullets">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      {allowed && <Choice checked={accepted} onChange={onAccepted} label="Deploy it all the same" />}
    </Note>
  )
}

interface VerdictProps {
  verdict: Verdict
  accepted: boolean
  onAccepted: (accepted: boolean) => void
  onAddVariables: (names: readonly string[]) => void
}

/** What a file would bring, as the Compose plugin reads it. */
export function VerdictPanel({ verdict, accepted, onAccepted, onAddVariables }: VerdictProps) {
  const { valid, problems, warnings, unset_variables, host_access, services, networks, volumes } = verdict
  if (!valid) return <Problems problems={problems} />
  const other = warnings.filter((warning) => !unset_variables.some((name) => warning.includes(name)))
  return (
    <>
      <Note tone="green" icon={<CircleCheck size={16} aria-hidden />}>
        The file is valid.
      </Note>
      {host_access.length > 0 && <Escapes reasons={host_access} allowed={verdict.may_deploy} accepted={accepted} onAccepted={onAccepted} />}
      {unset_variables.length > 0 && (
        <Note tone="amber" icon={<TriangleAlert size={16} aria-hidden />}>
          <p>
            Without a value, and so empty: <span className="dl-mono">{unset_variables.join(', ')}</span>
          </p>
          <button type="button" className="btn btn-secondary btn-sm dl-note-action" onClick={() => onAddVariables(unset_variables)}>
            Add {unset_variables.length === 1 ? 'it' : 'them'} to the variables
          </button>
        </Note>
      )}
      {other.length > 0 && (
        <Note tone="amber" icon={<TriangleAlert size={16} aria-hidden />}>
          {other.map((warning) => (
            <p key={warning}>{warning}</p>
          ))}
        </Note>
      )}
      <section className="dl-card" aria-label="What it brings">
        <h2 className="dl-section">What it brings</h2>
        <ul className="dl-list dl-brings">
          {services.map((service) => (
            <li key={service.name}>
              <strong className="dl-strong">{service.name}</strong>
              <span className="dl-mono dl-dim dl-ellipsis" title={service.image}>
                {service.image}
              </span>
              {(service.replicas > 1 || service.ports.length > 0) && (
                <span className="dl-faint">
                  {[service.replicas > 1 ? `${service.replicas} replicas` : '', service.ports.join(', ')].filter((part) => part !== '').join(' · ')}
                </span>
              )}
            </li>
          ))}
        </ul>
        <p className="dl-faint dl-brings-more">
          {[plural(networks.length, 'network'), plural(volumes.length, 'volume')].join(', ')}
        </p>
      </section>
    </>
  )
}
