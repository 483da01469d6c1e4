import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { FieldNotes } from '@/ui/Field'
import { hostsQuery } from '../api/hosts'

interface HostFieldProps {
  value: string
  onValue: (host: string) => void
  /** What none stands for, as all of them; without it one has to be chosen. */
  none?: string
  error?: string | undefined
}

/** At which host something is to be done; those that do not answer cannot be chosen. */
export function HostField({ value, onValue, none, error }: HostFieldProps) {
  const id = useId()
  const hosts = useQuery(hostsQuery).data?.items ?? []
  return (
    <div className="dl-field">
      <label className="form-label" htmlFor={id}>
        Host
      </label>
      <select id={id} className="form-select dl-wide" value={value} onChange={(event) => onValue(event.target.value)}>
        {!hosts.some((host) => host.id === value) && <option value={value}>{value === '' ? (none ?? 'Choose a host') : value}</option>}
        {none !== undefined && value !== '' && <option value="">{none}</option>}
        {hosts.map((host) => (
          <option key={host.id} value={host.id} disabled={host.state !== 'online'}>
            {host.state === 'online' ? host.id : `${host.id} (${host.state})`}
          </option>
        ))}
      </select>
      <FieldNotes id={id} error={error} />
    </div>
  )
}
