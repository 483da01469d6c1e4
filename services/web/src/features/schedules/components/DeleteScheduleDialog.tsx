import { Dialog } from '@/ui/Dialog'
import { FormFooter, Refusal } from '@/ui/Form'
import { toast } from '@/ui/toast'
import { useDeleteSchedule, type Schedule } from '../api/schedules'

export function DeleteScheduleDialog({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const remove = useDeleteSchedule()
  return (
    <Dialog
      title={`Delete ${schedule.name}?`}
      onClose={onClose}
      onSubmit={() =>
        remove.mutate(schedule.id, {
          onSuccess: () => {
            toast.success(`Deleted ${schedule.name}`)
            onClose()
          },
        })
      }
      footer={<FormFooter submit="Delete" danger busy={remove.isPending} onClose={onClose} />}
    >
      <p>It does not run any more. {schedule.task?.kind === 'volume.backup' && 'The backups that it made stay.'}</p>
      <Refusal error={remove.error} />
    </Dialog>
  )
}
