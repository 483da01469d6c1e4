import { Rocket } from 'lucide-react'
import { useState } from 'react'
import { ApiError } from '@/api/errors'
import { useCan } from '@/features/auth'
import { watchJob } from '@/features/jobs'
import { useDeployFile, type StackDetails, type StackFile } from '../api/stacks'
import { valuesOf, variablesOf } from '../variables'
import { Revisions } from './Revisions'
import { StackEditor, type Written } from './StackEditor'

interface FileEditorProps {
  stack: StackDetails
  file: StackFile
  onReload: () => void
}

/** The newest file of a stack, to be changed and deployed. */
export function FileEditor({ stack, file, onReload }: FileEditorProps) {
  const manage = useCan()('stacks.manage')
  const [begin] = useState<Written>(() => ({ compose: file.compose ?? '', variables: variablesOf(file.variables) }))
  const update = useDeployFile({ onSuccess: ({ job }) => watchJob(job.id) })
  const stale = update.error instanceof ApiError && update.error.code === 'stack_changed'
  return (
    <StackEditor
      host={stack.host}
      name={stack.name}
      begin={begin}
      readOnly={!manage}
      // What could not be brought up the last time can be tried again as it is.
      unchanged={stack.deployed_revision !== file.revision}
      missing={stack.job == null ? undefined : 'A job of this stack goes on.'}
      submit={{
        label: 'Deploy',
        icon: <Rocket size={15} aria-hidden />,
        busy: update.isPending,
        error: stale ? null : update.error,
        onSubmit: ({ compose, variables }) =>
          update.mutate(
            { host: stack.host, name: stack.name, update: { compose, variables: valuesOf(variables), base_revision: file.revision } },
            { onSuccess: onReload },
          ),
      }}
      head={
        stale && (
          <div className="alert dl-alert-danger" role="alert">
            Somebody else changed the file meanwhile; what you wrote is not deployed. Copy it, then{' '}
            <button type="button" className="btn btn-secondary btn-sm" onClick={onReload}>
              Read the newest
            </button>
          </div>
        )
      }
      foot={<Revisions stack={stack} shown={file.revision} />}
    />
  )
}
