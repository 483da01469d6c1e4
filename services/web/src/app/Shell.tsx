import { Outlet } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { ContainerDialogs } from '@/features/containers'
import { JobsCorner } from '@/features/jobs'
import { Palette } from '@/features/palette/Palette'
import { Skeleton } from '@/ui/States'
import { ConnectionBanner } from './ConnectionBanner'
import { useHotKeys } from './hotkeys'
import { KeyboardHelp } from './KeyboardHelp'
import { useLiveLists } from './liveLists'
import { Sidebar } from './Sidebar'

export type Overlay = 'palette' | 'keys' | null

/** The frame around every page of a signed-in account. */
export function Shell() {
  const [overlay, setOverlay] = useState<Overlay>(null)
  useHotKeys(setOverlay)
  useLiveLists()
  return (
    <div className="dl-shell">
      <a href="#content" className="dl-skip">
        Skip to the content
      </a>
      <Sidebar onOverlay={setOverlay} />
      <div className="dl-main">
        <ConnectionBanner />
        <Suspense fallback={<Skeleton rows={8} />}>
          <Outlet />
        </Suspense>
      </div>
      <ContainerDialogs />
      <JobsCorner />
      {overlay === 'keys' && <KeyboardHelp onClose={() => setOverlay(null)} />}
      {overlay === 'palette' && <Palette onClose={() => setOverlay(null)} onKeys={() => setOverlay('keys')} />}
    </div>
  )
}
