import { dateTime } from '@/format/time'
import { Ago } from './Ago'

interface Update {
  available: boolean
  checked_at: string
  error?: string | null
}

/** That a registry has a newer image under the same name. */
export function UpdateTag({ update }: { update: Update | null | undefined }) {
  if (update?.available !== true) return null
  return (
    <span className="dl-tag dl-tag-update" title={`Its registry has a newer image under this name. Looked up ${dateTime(update.checked_at)}.`}>
      update
    </span>
  )
}

/** The same in words, for a list of facts. */
export function UpdateFact({ update }: { update: Update | null | undefined }) {
  if (update == null) return <span className="dl-faint">never looked up</span>
  return (
    <>
      {update.error ?? (update.available ? 'there is one' : 'there is none')}
      <span className="dl-faint">
        {' '}
        <Ago at={update.checked_at} />
      </span>
    </>
  )
}
