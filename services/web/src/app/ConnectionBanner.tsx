import { useEffect, useState } from 'react'
import { useFeedConnection } from '@/features/events'
import { Banner } from '@/ui/Banner'
import { useSeconds } from '@/ui/clock'

/** A short break is nobody's concern; a longer one means that the page shows what was. */
const PATIENCE_MS = 3000

export function ConnectionBanner() {
  const connection = useFeedConnection()
  const broken = connection.phase === 'reconnecting' || connection.phase === 'lost'
  return broken || connection.phase === 'connecting' ? <Late key="late" /> : null
}

function Late() {
  const connection = useFeedConnection()
  const now = useSeconds()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  if (!late) return null
  if (connection.phase === 'lost') return <Banner tone="red">Live updates have ended. {connection.reason}</Banner>
  const seconds = connection.phase === 'reconnecting' ? Math.max(0, Math.ceil((connection.at - now) / 1000)) : 0
  return (
    <Banner tone="amber">
      No connection to Dockline; what you see may be old. {seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again…'}
    </Banner>
  )
}
