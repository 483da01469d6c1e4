import { FileDown, FileCode } from 'lucide-react'
import { useCan } from '@/features/auth'
import { Empty } from '@/ui/States'
import { toast } from '@/ui/toast'
import { useAdopt, type Adopted, type StackDetails, type StackKey } from '../api/stacks'
import { plainValuesOf } from '../variables'
import { StackEditor, type Written } from './StackEditor'

const BEGIN: Written = { compose: '', variables: [] }

/** Takes the file of a stack that was started elsewhere, so that it can be changed here. */
export function AdoptEditor({ stack }: { stack: StackDetails }) {
  const manage = useCan()('stacks.manage')
  const adopt = useAdopt(tell)
  if (!manage) return <Empty icon={<FileCode size={20} />}>It was started elsewhere; Dockline has no file of it.</Empty>
  return (
    <StackEditor
      host={stack.host}
      name={stack.name}
      begin={BEGIN}
      submit={{
        label: 'Adopt',
        icon: <FileDown size={15} aria-hidden />,
        busy: adopt.isPending,
        error: adopt.error,
        onSubmit: ({ compose, variables }) => adopt.mutate({ host: stack.host, name: stack.name, compose, variables: plainValuesOf(variables) }),
      }}
      head={
        <section className="dl-card" aria-label="Adopt">
          <h2 className="dl-section">Adopt this stack</h2>
          <p className="dl-dim">
            It was started elsewhere. Paste its Compose file, and Dockline keeps it with all its revisions: then it can be changed and deployed here. Nothing
            happens to its containers now.
          </p>
          {stack.origin.config_files.length > 0 && (
            <p className="dl-dim">
              Its file was <span className="dl-mono">{stack.origin.config_files.join(', ')}</span>.
            </p>
          )}
        </section>
      }
    />
  )
}

function tell({ only_in_file, only_at_engine }: Adopted, { name }: StackKey): void {
  const differences = [
    only_in_file.length > 0 && `Only in the file: ${only_in_file.join(', ')}.`,
    only_at_engine.length > 0 && `Only on the host: ${only_at_engine.join(', ')}; the next deployment removes them.`,
  ].filter((text) => text !== false)
  toast.success(`Adopted ${name}`, differences.length === 0 ? {} : { description: differences.join('\n'), duration: Infinity })
}
