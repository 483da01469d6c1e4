import { ChevronRight } from 'lucide-react'
import { Fragment, useState } from 'react'
import { withShortIds } from '@/format/names'
import { dateTime } from '@/format/time'
import { Ago } from '@/ui/Ago'
import { FactsRow } from '@/ui/FactsRow'
import { Status, type Tone } from '@/ui/Status'
import type { AuditRecord } from '../api/audit'

const TONES: Record<string, Tone> = { success: 'green', failure: 'red', denied: 'amber', intent: 'blue' }

/** The lines of the audit log, newest first; a line opens to show all of it. */
export function AuditTable({ records }: { records: readonly AuditRecord[] }) {
  const [open, setOpen] = useState<number | null>(null)
  return (
    <table className="table dl-table dl-cards dl-cards-log" aria-label="Audit log">
      <thead>
        <tr>
          <th scope="col" className="dl-col-open">
            <span className="visually-hidden">Details</span>
          </th>
          <th scope="col" className="dl-col-time">
            Time
          </th>
          <th scope="col" className="dl-col-user">
            User
          </th>
          <th scope="col">Action</th>
          <th scope="col">Target</th>
          <th scope="col" className="dl-col-outcome">
            Outcome
          </th>
          <th scope="col" className="dl-col-address">
            Address
          </th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <Fragment key={record.id}>
            <tr data-audit={record.id}>
              <td className="dl-area-open">
                <button
                  type="button"
                  className="btn btn-ghost btn-icon btn-sm dl-disclose"
                  aria-expanded={open === record.id}
                  aria-label={`Details of line ${record.id}`}
                  onClick={() => setOpen(open === record.id ? null : record.id)}
                >
                  <ChevronRight size={14} aria-hidden />
                </button>
              </td>
              <td className="dl-area-time dl-dim">
                <Ago at={record.at} />
              </td>
              <td className="dl-area-sub dl-strong dl-ellipsis">{record.actor ?? <span className="dl-faint">nobody</span>}</td>
              <td className="dl-area-title dl-mono dl-ellipsis">{record.action}</td>
              <td className="dl-area-rest dl-mono dl-dim dl-ellipsis" title={record.target ?? undefined}>
                {record.target == null ? '–' : withShortIds(record.target)}
              </td>
              <td className="dl-area-side">
                <Status tone={TONES[record.outcome] ?? 'grey'}>{record.outcome}</Status>
              </td>
              <td className="dl-area-none dl-mono dl-dim">{record.address ?? '–'}</td>
            </tr>
            {open === record.id && <FactsRow span={7} facts={facts(record)} />}
          </Fragment>
        ))}
      </tbody>
    </table>
  )
}

function facts(record: AuditRecord): [string, string][] {
  const detail = record.detail == null ? [] : Object.entries(record.detail as Record<string, unknown>)
  return [
    ['Line', String(record.id)],
    ['Time', dateTime(record.at)],
    ['Target', record.target ?? '–'],
    ['Address', record.address ?? '–'],
    ['Request', record.request_id],
    ['Account', record.actor_id ?? '–'],
    ...detail.map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  ]
}
