import { Container, Lock, Network, Terminal } from 'lucide-react'
import { useId } from 'react'
import type { Kind } from '../form/address'

const KINDS = [
  { value: 'unix', label: 'Unix socket', hint: 'An engine on this machine', icon: Container },
  { value: 'tcp', label: 'TCP', hint: 'Plain; for trusted networks', icon: Network },
  { value: 'tls', label: 'TCP with mutual TLS', hint: 'Certificates on both sides', icon: Lock },
  { value: 'ssh', label: 'SSH', hint: 'A key, no open port', icon: Terminal },
] as const

interface KindFieldProps {
  /** Those to choose from. */
  kinds: readonly Kind[]
  value: Kind
  onValue: (kind: Kind) => void
}

/** By which way the engine is reached. */
export function KindField({ kinds, value, onValue }: KindFieldProps) {
  const name = useId()
  return (
    <fieldset className="dl-field">
      <legend className="form-label">Connection</legend>
      <div className="dl-kinds">
        {KINDS.filter((kind) => kinds.includes(kind.value)).map(({ value: kind, label, hint, icon: Icon }) => (
          <label key={kind} className="dl-kind">
            <input type="radio" name={name} checked={value === kind} onChange={() => onValue(kind)} />
            <Icon size={16} aria-hidden />
            <span>
              <span className="dl-kind-name">{label}</span> <span className="form-text">{hint}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
