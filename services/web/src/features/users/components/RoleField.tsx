import { useId } from 'react'
import type { Role } from '@/features/auth'

export const ROLES: { value: Role; label: string; hint: string }[] = [
  { value: 'viewer', label: 'Viewer', hint: 'Sees containers, logs, stats and events; no secrets.' },
  { value: 'operator', label: 'Operator', hint: 'Also starts, stops, renames and removes containers, and sees environment values.' },
  { value: 'admin', label: 'Administrator', hint: 'Everything, people and the audit log included.' },
]

interface RoleFieldProps {
  value: string
  onValue: (role: Role) => void
}

export function RoleField({ value, onValue }: RoleFieldProps) {
  const name = useId()
  return (
    <fieldset className="dl-field">
      <legend className="form-label">Role</legend>
      {ROLES.map((role) => (
        <label key={role.value} className="form-check dl-role">
          <input
            type="radio"
            className="form-check-input"
            name={name}
            checked={value === role.value}
            onChange={() => onValue(role.value)}
          />
          {role.label}
          <span className="form-text dl-block">{role.hint}</span>
        </label>
      ))}
    </fieldset>
  )
}
