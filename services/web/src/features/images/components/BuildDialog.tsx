import { useEffect, useRef, useState } from 'react'
import { ApiError } from '@/api/errors'
import { HostField, useOnlyHost } from '@/features/hosts'
import { watchJob } from '@/features/jobs'
import { Choice } from '@/ui/Choice'
import { Code } from '@/ui/code/Code'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { FormFooter, Refusal } from '@/ui/Form'
import { PairsField, recordOf, type Pair } from '@/ui/PairsField'
import { Progress } from '@/ui/Progress'
import { Segmented } from '@/ui/Segmented'
import { useBuildContext, useBuildDockerfile } from '../api/images'

interface BuildDialogProps {
  /** The host that is looked at. */
  host: string | undefined
  onClose: () => void
}

type Source = 'dockerfile' | 'context'

const EXAMPLE = 'FROM nginx:1.29\nRUN echo hello > /usr/share/nginx/html/index.html'

/** Builds an image: of a Dockerfile that is written here, or of a folder in a tar. Its output shows among the jobs. */
export default function BuildDialog({ host: preferred, onClose }: BuildDialogProps) {
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [source, setSource] = useState<Source>('dockerfile')
  const [dockerfile, setDockerfile] = useState('')
  const [context, setContext] = useState<File | null>(null)
  const [path, setPath] = useState('Dockerfile')
  const [names, setNames] = useState('')
  const [target, setTarget] = useState('')
  const [pull, setPull] = useState(true)
  const [noCache, setNoCache] = useState(false)
  const [args, setArgs] = useState<Pair[]>([])
  const [sent, setSent] = useState<number | null>(null)
  const upload = useRef<AbortController>(null)
  const alone = useBuildDockerfile()
  const whole = useBuildContext()
  const host = chosen ?? first
  const tags = names.split(/[\s,]+/).filter((name) => name !== '')
  const busy = alone.isPending || whole.isPending
  const error = source === 'dockerfile' ? alone.error : whole.error
  const ready = host !== '' && tags.length > 0 && (source === 'dockerfile' ? dockerfile.trim() !== '' : context !== null)

  // Closing the dialog stops what it sends.
  useEffect(() => () => upload.current?.abort(), [])

  function submit(): void {
    if (!ready) return
    const build = { tags, target: target.trim(), pull, noCache, args: recordOf(args) }
    const begun = {
      onSuccess: ({ job }: { job: { id: string } }) => {
        watchJob(job.id)
        onClose()
      },
      onSettled: () => setSent(null),
    }
    if (source === 'dockerfile') {
      alone.mutate({ host, dockerfile, build }, begun)
    } else if (context !== null) {
      upload.current = new AbortController()
      setSent(0)
      whole.mutate({ host, context, dockerfile: path.trim() === '' ? 'Dockerfile' : path.trim(), build, signal: upload.current.signal, onProgress: setSent }, begun)
    }
  }

  return (
    <Dialog
      title="Build an image"
      kind="drawer"
      keepOpen
      onClose={onClose}
      onSubmit={submit}
      footer={<FormFooter submit={sent === null ? 'Build' : sent < 1 ? `Sending ${Math.round(sent * 100)} %` : 'Beginning'} busy={busy} disabled={!ready} onClose={onClose} />}
    >
      <HostField value={host} onValue={setHost} />
      <Field
        label="Names"
        placeholder="shop/web:1.4"
        hint="One or more, separated by spaces."
        className="dl-mono"
        data-autofocus
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={names}
        onValue={setNames}
        error={errorOf(error, 'tag')}
      />
      <Segmented
        label="Of"
        value={source}
        options={[
          { value: 'dockerfile', label: 'A Dockerfile alone' },
          { value: 'context', label: 'A folder, as a tar' },
        ]}
        onValue={setSource}
      />
      {source === 'dockerfile' ? (
        <div className="dl-build-file">
          <Code label="Dockerfile" language="plain" placeholder={EXAMPLE} value={dockerfile} onValue={setDockerfile} />
        </div>
      ) : (
        <>
          <label className="dl-field">
            <span className="form-label dl-block">Context</span>
            <input
              type="file"
              className="form-control"
              accept=".tar,.tar.gz,.tgz,.tar.bz2,.tar.xz"
              disabled={busy}
              onChange={(event) => setContext(event.target.files?.[0] ?? null)}
            />
            <span className="form-text dl-block">A tar of the folder, also compressed: tar -czf context.tgz -C folder .</span>
          </label>
          <Field label="Dockerfile in it" className="dl-mono" autoComplete="off" spellCheck={false} value={path} onValue={setPath} error={errorOf(error, 'dockerfile')} />
        </>
      )}
      <Field label="Stage" placeholder="the last" className="dl-mono" autoComplete="off" spellCheck={false} value={target} onValue={setTarget} error={errorOf(error, 'target')} />
      <PairsField
        title="Build arguments"
        noun="argument"
        pairs={args}
        onPairs={setArgs}
        placeholder={{ key: 'VERSION', value: '1.4' }}
        error={errorOf(error, 'X-Dockline-Build-Args') ?? errorOf(error, 'args')}
      />
      <div className="dl-choices">
        <Choice checked={pull} onChange={setPull} label="Pull newer base images" />
        <Choice checked={noCache} onChange={setNoCache} label="Build every step anew" />
      </div>
      {sent !== null && <Progress label="Sending the context" value={sent} />}
      <Refusal error={error} fields={['tag', 'tags', 'dockerfile', 'target', 'X-Dockline-Build-Args', 'args']} />
    </Dialog>
  )
}

/** What is wrong with a field; `tag` is `tags` in the other request. */
function errorOf(error: Error | null, field: string): string | undefined {
  return error instanceof ApiError ? error.fields.find((wrong) => wrong.field === field || wrong.field.replace(/^tags.*/, 'tag') === field)?.message : undefined
}
