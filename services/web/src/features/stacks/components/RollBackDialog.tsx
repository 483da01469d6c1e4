import { useNavigate } from '@tanstack/react-router'
import { watchJob } from '@/features/jobs'
import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { useUpdateStack, type Stack } from '../api/stacks'

interface RollBackProps {
  stack: Stack
  revision: number
  onClose: () => void
}

/** Asks before an older file becomes the newest and is deployed. */
export function RollBackDialog({ stack, revision, onClose }: RollBackProps) {
  const navigate = useNavigate()
  const update = useUpdateStack()
  return (
    <Dialog
      title={`Roll ${stack.name} back?`}
      onClose={onClose}
      onSubmit={() =>
        update.mutate(
          { host: stack.host, name: stack.name, update: { from_revision: revision } },
          {
            onSuccess: ({ job }) => {
              watchJob(job.id)
              onClose()
              void navigate({ to: '/hosts/$host/stacks/$name/services', params: { host: stack.host, name: stack.name } })
            },
          },
        )
      }
      footer={<FormFooter submit="Roll back" busy={update.isPending} onClose={onClose} />}
    >
      <p>
        The file and the variables of revision {revision} are deployed on {stack.host}, as a new revision: the one of now stays in the list. Services that are
        not in that file lose their containers; volumes stay as they are.
      </p>
      <Refusal error={update.error} />
    </Dialog>
  )
}
