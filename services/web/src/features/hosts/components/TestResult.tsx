import { CircleCheck, CircleX } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { messageOf } from '@/api/errors'
import { milliseconds } from '@/format/numbers'
import { Spinner } from '@/ui/States'
import type { HostTrial } from '../api/contract'
import { sentence } from '../model'

interface TestResultProps {
  pending: boolean
  result: HostTrial | undefined
  /** Why there is no result. */
  error: unknown
}

/** How an engine answered when it was tried; empty before. */
export function TestResult({ pending, result, error }: TestResultProps) {
  const place = useRef<HTMLDivElement>(null)
  const shown = pending || result !== undefined || error !== null
  useEffect(() => {
    if (shown) place.current?.scrollIntoView({ block: 'nearest' })
  }, [shown, pending])
  return (
    <div ref={place} className="dl-test" role="status">
      {pending && (
        <div className="dl-note">
          <Spinner label="Testing" />
          <p>Asking the engine…</p>
        </div>
      )}
      {!pending && error !== null && (
        <Failure title="It could not be tested.">{messageOf(error)}</Failure>
      )}
      {!pending && result?.ok === false && <Failure title="No connection.">{sentence(result.error ?? 'The engine does not answer')}</Failure>}
      {!pending && result?.ok === true && <Success result={result} />}
    </div>
  )
}

function Failure({ title, children }: { title: string; children: string }) {
  return (
    <div className="dl-note dl-tone-red">
      <CircleX size={16} aria-hidden />
      <p>
        <strong>{title}</strong> {children}
      </p>
    </div>
  )
}

function Success({ result }: { result: HostTrial }) {
  const facts = [
    ['Engine', result.engine_version],
    ['API', result.api_version],
    ['System', result.operating_system],
    ['Latency', result.latency_ms == null ? null : milliseconds(result.latency_ms)],
  ] as const
  return (
    <div className="dl-note dl-tone-green">
      <CircleCheck size={16} aria-hidden />
      <div>
        <strong>It answers.</strong>
        <dl className="dl-facts dl-facts-dense">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value ?? '–'}</dd>
            </div>
          ))}
        </dl>
      </div>
    </div>
  )
}
