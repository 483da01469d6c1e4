import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import { dateTime } from '@/format/time'
import { useRemoveRecording, type Recording } from '../api/recordings'

interface RemoveRecordingProps {
  recording: Recording
  onClose: () => void
  onRemoved?: () => void
}

export function RemoveRecordingDialog({ recording, onClose, onRemoved }: RemoveRecordingProps) {
  const remove = useRemoveRecording()
  return (
    <Dialog
      title="Delete the recording?"
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(recording.id, {
          onSuccess: () => {
            toast.success('Deleted the recording')
            onClose()
            onRemoved?.()
          },
        })
      }
      footer={<FormFooter submit="Delete" danger busy={remove.isPending} onClose={onClose} />}
    >
      <p>
        What <strong>{recording.user.name}</strong> did in <strong>{recording.container_name}</strong> at {dateTime(recording.started_at)} can be watched by nobody any more. That
        it was deleted, and by whom, stands in the audit log.
      </p>
      <Refusal error={remove.error} />
    </Dialog>
  )
}
