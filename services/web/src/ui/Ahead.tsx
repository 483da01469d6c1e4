import { ahead, dateTime } from '@/format/time'
import { useNow } from './clock'

/** A moment to come as the time until then; the exact time on hover. */
export function Ahead({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={dateTime(at)}>
      {ahead(at, now)}
    </time>
  )
}
