import { ago, dateTime } from '@/format/time'
import { useNow } from './clock'

/** A moment as the time that has passed since; the exact time on hover. */
export function Ago({ at }: { at: string }) {
  const now = useNow()
  return (
    <time dateTime={at} title={dateTime(at)}>
      {ago(at, now)}
    </time>
  )
}
