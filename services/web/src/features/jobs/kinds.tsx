import {
  Archive,
  ArchiveRestore,
  CloudDownload,
  CloudUpload,
  Eraser,
  Hammer,
  ListChecks,
  Play,
  RefreshCw,
  Rocket,
  RotateCw,
  SearchCheck,
  Square,
  Trash2,
} from 'lucide-react'
import type { ReactNode } from 'react'

const LOOK = { size: 15, className: 'dl-job-icon', 'aria-hidden': true }

interface Kind {
  /** As sentences about one begin. */
  verb: string
  /** What such jobs are called. */
  label: string
  icon: ReactNode
}

/** The kinds of jobs; others appear by their name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  'image.pull': { verb: 'Pull', label: 'Pulls of images', icon: <CloudDownload {...LOOK} /> },
  'image.push': { verb: 'Push', label: 'Pushes of images', icon: <CloudUpload {...LOOK} /> },
  'image.build': { verb: 'Build', label: 'Builds of images', icon: <Hammer {...LOOK} /> },
  'image.update_check': { verb: 'Look for updates of', label: 'Looks for updates', icon: <SearchCheck {...LOOK} /> },
  'container.recreate': { verb: 'Recreate', label: 'Recreated containers', icon: <RefreshCw {...LOOK} /> },
  'stack.deploy': { verb: 'Deploy', label: 'Deployments of stacks', icon: <Rocket {...LOOK} /> },
  'stack.start': { verb: 'Start', label: 'Starts of stacks', icon: <Play {...LOOK} /> },
  'stack.stop': { verb: 'Stop', label: 'Stops of stacks', icon: <Square {...LOOK} /> },
  'stack.restart': { verb: 'Restart', label: 'Restarts of stacks', icon: <RotateCw {...LOOK} /> },
  'stack.remove': { verb: 'Remove', label: 'Removals of stacks', icon: <Trash2 {...LOOK} /> },
  'system.prune': { verb: 'Prune', label: 'Prunes', icon: <Eraser {...LOOK} /> },
  'volume.backup': { verb: 'Back up', label: 'Backups of volumes', icon: <Archive {...LOOK} /> },
  'volume.restore': { verb: 'Restore', label: 'Restored volumes', icon: <ArchiveRestore {...LOOK} /> },
}

export function iconOf(kind: string): ReactNode {
  return KINDS[kind]?.icon ?? <ListChecks {...LOOK} />
}
