import { LocateFixed } from 'lucide-react'
import { dateTime } from '@/format/time'
import { Copy } from '@/ui/Copy'
import { Dialog } from '@/ui/Dialog'
import type { LogLine } from '../LogStore'

interface LogDrawerProps {
  line: LogLine
  /** A link that opens the log at this line. */
  link: string
  /** Absent when the line already stands among its neighbours. */
  onContext?: () => void
  onClose: () => void
}

/** One line in full: pretty when it is JSON, whole when it is long. */
export function LogDrawer({ line, link, onContext, onClose }: LogDrawerProps) {
  const pretty = prettyJson(line.text)
  return (
    <Dialog kind="drawer" title={`Line ${line.no}`} onClose={onClose}>
      <dl className="dl-facts">
        <div>
          <dt>Time</dt>
          <dd>{dateTime(line.time)}</dd>
        </div>
        <div>
          <dt>Exact time</dt>
          <dd className="dl-mono">{line.time}</dd>
        </div>
        <div>
          <dt>Stream</dt>
          <dd>{line.stream === 1 ? 'stdout' : 'stderr'}</dd>
        </div>
        <div>
          <dt>Level</dt>
          <dd>{line.level}</dd>
        </div>
        <div>
          <dt>Length</dt>
          <dd>{line.text.length.toLocaleString('en')} characters</dd>
        </div>
      </dl>
      <div className="dl-drawer-actions">
        {onContext !== undefined && (
          <button type="button" className="btn btn-secondary" onClick={onContext}>
            <LocateFixed size={14} aria-hidden /> Show among its neighbours
          </button>
        )}
        <span className="dl-inline dl-dim">
          <Copy text={line.text} label="Copy the line" /> Line
        </span>
        <span className="dl-inline dl-dim">
          <Copy text={link} label="Copy a link to the line" /> Link
        </span>
      </div>
      <pre className="dl-output dl-line-full" tabIndex={0} aria-label="The whole line">
        {pretty ?? line.text}
      </pre>
    </Dialog>
  )
}

function prettyJson(text: string): string | null {
  if (!/^\s*[{[]/.test(text)) return null
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return null
  }
}
