import { useEffect } from 'react'
import { Dialog } from '@/ui/Dialog'
import type { Host } from '../api/contract'
import { useTestHost } from '../api/hosts'
import { TestResult } from './TestResult'

/** Tries a host as it is stored, at once. */
export function TestDialog({ host, onClose }: { host: Host; onClose: () => void }) {
  const { mutate, isIdle, isPending, data, error } = useTestHost()
  const { id } = host
  useEffect(() => mutate({ stored: id }), [mutate, id])
  return (
    <Dialog
      title={`Test of ${id}`}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="btn btn-secondary" disabled={isPending} onClick={() => mutate({ stored: id })}>
            Test again
          </button>
          <button type="button" className="btn btn-primary" data-autofocus onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      <p className="dl-mono">{host.address}</p>
      <TestResult pending={isPending || isIdle} result={data} error={error} />
    </Dialog>
  )
}
