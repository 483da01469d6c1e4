import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useId } from 'react'
import { Ahead } from '@/ui/Ahead'
import { describedBy, Field, FieldNotes } from '@/ui/Field'
import { fieldError } from '@/ui/Form'
import { SelectField } from '@/ui/SelectField'
import { previewQuery } from '../api/schedules'
import { cronText, PRESETS } from '../cron'

interface CronFieldProps {
  cron: string
  timezone: string
  error?: string | undefined
  timezoneError?: string | undefined
  onCron: (cron: string) => void
  onTimezone: (timezone: string) => void
}

const OWN = 'own'
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]

/** When: a usual time or a cron expression, what that means, and the next times as the server finds them. */
export function CronField({ cron, timezone, error, timezoneError, onCron, onTimezone }: CronFieldProps) {
  const text = cronText(cron)
  const asked = useDeferredValue(cron.trim())
  const preview = useQuery({ ...previewQuery(asked, timezone), enabled: cronText(asked) !== null })
  const preset = PRESETS.find((one) => one.cron === cron.trim())?.cron ?? OWN
  return (
    <>
      <div className="dl-form-row">
        <SelectField
          label="When"
          value={preset}
          options={[...PRESETS.map((one) => ({ value: one.cron, label: one.label })), { value: OWN, label: 'At other times' }]}
          onValue={(value) => {
            if (value !== OWN) onCron(value)
          }}
        />
        <Field
          label="Cron expression"
          className="dl-mono"
          placeholder="0 3 * * *"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={cron}
          onValue={onCron}
          error={error ?? fieldError(preview.error, 'cron')}
        />
      </div>
      <Timezone value={timezone} onValue={onTimezone} error={timezoneError ?? fieldError(preview.error, 'timezone')} />
      <div className="dl-cron" role="status">
        {text !== null && <strong className="dl-strong">{text}</strong>}
        {text === null && <span className="dl-dim">Minute, hour, day of the month, month, day of the week.</span>}
        {text !== null && preview.data !== undefined && (
          <ol className="dl-list" aria-label="Next times">
            {preview.data.map((at) => (
              <li key={at}>
                <span className="dl-mono">{inZone(at, timezone)}</span>
                <span className="dl-faint">
                  <Ahead at={at} />
                </span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </>
  )
}

function Timezone({ value, onValue, error }: { value: string; onValue: (zone: string) => void; error: string | undefined }) {
  const id = useId()
  return (
    <div className="dl-field">
      <label className="form-label" htmlFor={id}>
        Time zone
      </label>
      <select id={id} className={`form-select dl-wide ${error === undefined ? '' : 'is-invalid'}`} aria-describedby={describedBy(id, { error })} value={value} onChange={(event) => onValue(event.target.value)}>
        {!ZONES.includes(value) && <option value={value}>{value}</option>}
        {ZONES.map((zone) => (
          <option key={zone}>{zone}</option>
        ))}
      </select>
      <FieldNotes id={id} error={error} />
    </div>
  )
}

function inZone(at: string, timezone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: timezone, weekday: 'short', day: '2-digit', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' }).format(Date.parse(at))
}
