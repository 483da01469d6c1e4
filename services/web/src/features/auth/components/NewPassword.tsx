import { Field } from '@/ui/Field'
import { MIN_PASSWORD, passwordStrength } from '../password'

const WORDS = ['Too short', 'Weak', 'Fair', 'Good', 'Strong']

interface NewPasswordProps {
  label?: string
  value: string
  onValue: (value: string) => void
  error?: string | undefined
}

/** A new password with its rule and a meter. */
export function NewPassword({ label = 'Password', value, onValue, error }: NewPasswordProps) {
  const strength = passwordStrength(value)
  return (
    <div>
      <Field
        label={label}
        type="password"
        autoComplete="new-password"
        hint={`At least ${MIN_PASSWORD} characters. Several words are easy to keep in mind.`}
        value={value}
        onValue={onValue}
        error={error}
      />
      {value !== '' && (
        <div className="dl-strength" data-strength={strength}>
          <div className="dl-strength-bars" aria-hidden>
            {[1, 2, 3, 4].map((bar) => (
              <span key={bar} className={bar <= strength ? 'dl-on' : ''} />
            ))}
          </div>
          <span role="status">{WORDS[strength]}</span>
        </div>
      )}
    </div>
  )
}
