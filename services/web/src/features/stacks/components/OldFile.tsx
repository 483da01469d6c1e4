import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { dateTime } from '@/format/time'
import { Code, Diff } from '@/ui/code/Code'
import { Segmented } from '@/ui/Segmented'
import { fileQuery, type StackDetails, type StackFile } from '../api/stacks'
import { variablesOf } from '../variables'
import { Revisions } from './Revisions'
import { RollBackDialog } from './RollBackDialog'
import { VariablesField } from './VariablesField'

const nothing = () => undefined

/** An older file of a stack, to be looked at, compared with the newest, and gone back to. */
export function OldFile({ stack, file }: { stack: StackDetails; file: StackFile }) {
  const { host, name } = stack
  const manage = useCan()('stacks.manage')
  const [view, setView] = useState<'file' | 'changes'>('file')
  const [asking, setAsking] = useState(false)
  const newest = useQuery(fileQuery({ host, name })).data?.compose
  const compose = file.compose ?? ''
  return (
    <div className="dl-stack-edit">
      <div className="dl-stack-file">
        {view === 'changes' && newest != null ? (
          <Diff label={`What rolling back to revision ${file.revision} changes`} before={newest} after={compose} />
        ) : (
          <Code label="Compose file" language="yaml" readOnly value={compose} onValue={nothing} />
        )}
      </div>
      <div className="dl-stack-side dl-stack">
        <section className="dl-card" aria-label="Revision">
          <h2 className="dl-section">Revision {file.revision}</h2>
          <p className="dl-dim">
            By {file.saved_by.name}, {dateTime(file.saved_at)}. It cannot be changed.
          </p>
          <div className="dl-stack">
            {newest != null && (
              <Segmented
                label="Shown"
                value={view}
                options={[
                  { value: 'file', label: 'The file' },
                  { value: 'changes', label: 'Against the newest' },
                ]}
                onValue={setView}
              />
            )}
            <div className="dl-actions">
              {manage && (
                <button type="button" className="btn btn-primary" disabled={stack.job != null} onClick={() => setAsking(true)}>
                  <RotateCcw size={15} aria-hidden /> Roll back to it
                </button>
              )}
              <Link to="/hosts/$host/stacks/$name/editor" params={{ host, name }} activeProps={{ className: '' }} className="btn btn-secondary">
                Show the newest
              </Link>
            </div>
          </div>
        </section>
        <VariablesField variables={variablesOf(file.variables)} readOnly onVariables={nothing} />
        <Revisions stack={stack} shown={file.revision} />
      </div>
      {asking && <RollBackDialog stack={stack} revision={file.revision} onClose={() => setAsking(false)} />}
    </div>
  )
}
