import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schema } from '@/api/client'
import { roundBytes } from '@/format/numbers'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { SelectField } from '@/ui/SelectField'
import { Skeleton } from '@/ui/States'
import { toast } from '@/ui/toast'
import { containerQuery } from '../api/containers'
import { useUpdateLimits } from '../api/create'
import type { RestartName } from '../form/form'
import { parseBytes, parseNumber, wrongWith } from '../form/parse'
import type { Container } from '../model'
import { RESTARTS } from './sections'

interface LimitsDialogProps {
  container: Container
  onClose: () => void
}

/** Changes what a container may use, and what happens when it ends, while it runs. */
export function LimitsDialog({ container, onClose }: LimitsDialogProps) {
  const details = useQuery(containerQuery(container.host, container.id)).data
  if (details === undefined) {
    return (
      <Dialog title={`Limits of ${container.name}`} onClose={onClose}>
        <Skeleton rows={4} />
      </Dialog>
    )
  }
  return <LimitsForm container={container} details={details} onClose={onClose} />
}

function LimitsForm({ container, details, onClose }: LimitsDialogProps & { details: Schema<'ContainerDetails'> }) {
  const before = {
    memory: details.memory_limit == null ? '' : roundBytes(details.memory_limit),
    cpus: details.cpu_limit?.toString() ?? '',
    restart: (details.restart_policy.name || 'no') as RestartName,
    retries: details.restart_policy.maximum_retry_count === 0 ? '' : String(details.restart_policy.maximum_retry_count),
  }
  const [memory, setMemory] = useState(before.memory)
  const [cpus, setCpus] = useState(before.cpus)
  // What an engine does not tell: empty leaves it as it is.
  const [pids, setPids] = useState('')
  const [restart, setRestart] = useState(before.restart)
  const [retries, setRetries] = useState(before.retries)
  const update = useUpdateLimits()
  const [bytes, count, processes, attempts] = [parseBytes(memory), parseNumber(cpus), parseNumber(pids), parseNumber(retries)]
  const wrong = [bytes, count, processes, attempts].map(wrongWith).find((why) => why !== undefined)
  const policyChanged = restart !== before.restart || (restart === 'on-failure' && retries !== before.retries)

  function submit(): void {
    if (wrong !== undefined) return
    // Only what was changed: the rest may have been changed by somebody else meanwhile. Whoever empties a field is told by
    // the server that a limit cannot be taken away.
    const limits: Schema<'UpdateContainer'> = {
      memory_bytes: memory === before.memory ? null : ((bytes as number | null) ?? 0),
      cpus: cpus === before.cpus ? null : ((count as number | null) ?? 0),
      pids_limit: processes as number | null,
      restart_policy: policyChanged ? { name: restart, maximum_retry_count: restart === 'on-failure' ? ((attempts as number | null) ?? 0) : 0 } : null,
    }
    update.mutate(
      { container, limits },
      {
        onSuccess: () => {
          toast.success(`Changed the limits of ${container.name}`)
          onClose()
        },
      },
    )
  }

  return (
    <Dialog
      title={`Limits of ${container.name}`}
      onClose={onClose}
      onSubmit={submit}
      footer={<FormFooter submit="Save" busy={update.isPending} disabled={wrong !== undefined} onClose={onClose} />}
    >
      <Field label="Memory" placeholder="none" hint="As 512m or 1.5g. A limit can be changed, not taken away." className="dl-mono" data-autofocus value={memory} onValue={setMemory} error={wrongWith(bytes) ?? fieldError(update.error, 'memory_bytes')} />
      <Field label="CPUs" placeholder="none" hint="As 1.5. A limit can be changed, not taken away." className="dl-mono" value={cpus} onValue={setCpus} error={wrongWith(count) ?? fieldError(update.error, 'cpus')} />
      <Field label="Processes" placeholder="as it is" hint="0 for no limit." className="dl-mono" inputMode="numeric" value={pids} onValue={setPids} error={wrongWith(processes) ?? fieldError(update.error, 'pids_limit')} />
      <SelectField label="When it ends" value={restart} options={RESTARTS} onValue={setRestart} error={fieldError(update.error, 'restart_policy')} />
      {restart === 'on-failure' && (
        <Field label="Attempts" placeholder="no limit" className="dl-mono" inputMode="numeric" value={retries} onValue={setRetries} error={wrongWith(attempts) ?? fieldError(update.error, 'restart_policy.maximum_retry_count')} />
      )}
      <Refusal error={update.error} fields={['memory_bytes', 'cpus', 'pids_limit', 'restart_policy', 'restart_policy.maximum_retry_count']} />
    </Dialog>
  )
}
