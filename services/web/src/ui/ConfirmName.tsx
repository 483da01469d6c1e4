import { Field } from './Field'

interface ConfirmNameProps {
  name: string
  value: string
  onValue: (value: string) => void
}

/** What cannot be taken back is confirmed by typing the name of what it happens to. */
export function ConfirmName({ name, value, onValue }: ConfirmNameProps) {
  return (
    <Field
      label={`Type ${name} to confirm`}
      className="dl-mono"
      data-autofocus
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={value}
      onValue={onValue}
    />
  )
}
