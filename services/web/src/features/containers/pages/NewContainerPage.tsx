import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { ApiError } from '@/api/errors'
import { useCan } from '@/features/auth'
import { HostField, useOnlyHost } from '@/features/hosts'
import { ImageOptions } from '@/features/images'
import { Choice } from '@/ui/Choice'
import { Field } from '@/ui/Field'
import { Refusal } from '@/ui/Form'
import { Page } from '@/ui/Page'
import { Spinner } from '@/ui/States'
import { toast } from '@/ui/toast'
import { useCreate } from '../api/create'
import { AdvancedSection, CommandSection, EscapeSection, LimitsSection, ReachSection } from '../components/sections'
import { emptyForm, fieldOf, readForm, type ContainerForm, type FormField, type Problems } from '../form/form'

const route = getRouteApi('/_app/containers/new')

/** Describes a container and makes it. */
export default function NewContainerPage() {
  const { host: preferred, image = '' } = route.useSearch()
  const navigate = useNavigate()
  const escape = useCan()('host.escape')
  const only = useOnlyHost(preferred)
  const [written, setForm] = useState<ContainerForm>(() => emptyForm('', image))
  const [problems, setProblems] = useState<Problems>({})
  const create = useCreate()
  const form = written.host === '' ? { ...written, host: only } : written

  function set(change: Partial<ContainerForm>): void {
    setForm({ ...form, ...change })
    setProblems(Object.fromEntries(Object.entries(problems).filter(([field]) => !(field in change))))
  }

  function submit(): void {
    const read = readForm(form)
    if ('problems' in read) {
      setProblems(read.problems)
      return
    }
    create.mutate(read.container, {
      onSuccess: ({ id, host, warnings }) => {
        toast.success(`Created ${form.name === '' ? id.slice(0, 12) : form.name}`, warnings.length === 0 ? {} : { description: warnings.join('\n') })
        void navigate({ to: '/hosts/$host/containers/$id/overview', params: { host, id } })
      },
      onError: (error) => setProblems(serverProblems(error, form)),
    })
  }

  // Also until the container's own page is there.
  const busy = create.isPending || create.isSuccess
  const section = { form, set, problem: (field: FormField) => problems[field] }
  const placed = create.error instanceof ApiError ? create.error.fields.filter(({ field }) => fieldOf(field, form) !== undefined).map(({ field }) => field) : []
  return (
    <Page title="Create a container" crumbs={[{ label: 'Containers', to: '/containers' }]}>
      <form
        className="dl-create"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <Section title="Container">
          <HostField value={form.host} onValue={(host) => set({ host })} error={problems.host} />
          <Field
            label="Image"
            placeholder="nginx:1.29"
            hint="It has to be on the host: pull it first where it is not."
            className="dl-mono"
            list="dl-create-images"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={form.image}
            onValue={(value) => set({ image: value })}
            error={problems.image}
          />
          <ImageOptions id="dl-create-images" host={form.host} />
          <Field label="Name" placeholder="the engine invents one" className="dl-mono" autoComplete="off" spellCheck={false} value={form.name} onValue={(name) => set({ name })} error={problems.name} />
        </Section>
        <Section title="What it runs">
          <CommandSection {...section} />
        </Section>
        <Section title="Ports, volumes, networks">
          <ReachSection {...section} escape={escape} />
        </Section>
        <Section title="Limits">
          <LimitsSection {...section} />
        </Section>
        <Section title="Advanced" folded open={ADVANCED.some((field) => problems[field] !== undefined)}>
          <AdvancedSection {...section} />
        </Section>
        {escape && (
          <Section title="Reaching the host" folded open={ESCAPES.some((field) => problems[field] !== undefined)}>
            <EscapeSection {...section} />
          </Section>
        )}
        <Refusal error={create.error} fields={placed} />
        <div className="dl-create-foot">
          <Choice checked={form.start} onChange={(start) => set({ start })} label="Start it" />
          <button type="submit" className="btn btn-primary" disabled={busy}>
            {busy && <Spinner label="Creating" />} Create container
          </button>
        </div>
      </form>
    </Page>
  )
}

const ADVANCED: readonly FormField[] = [
  'entrypoint', 'workdir', 'user', 'hostname', 'health', 'healthInterval', 'healthTimeout', 'healthStart', 'healthRetries', 'stopTimeout', 'capDrop', 'labels', 'logDriver', 'logOptions',
]
const ESCAPES: readonly FormField[] = [
  'networkMode', 'pidMode', 'ipcMode', 'utsMode', 'usernsMode', 'cgroupParent', 'privileged', 'capAdd', 'devices', 'securityOptions', 'sysctls',
]

function serverProblems(error: unknown, form: ContainerForm): Problems {
  if (!(error instanceof ApiError)) return {}
  const problems: Problems = {}
  for (const { field, message } of error.fields) {
    const own = fieldOf(field, form)
    if (own !== undefined) problems[own] ??= message
  }
  return problems
}

interface SectionProps {
  title: string
  folded?: boolean
  /** Opens it, because something in it is wrong. */
  open?: boolean
  children: ReactNode
}

function Section({ title, folded = false, open = false, children }: SectionProps) {
  if (!folded) {
    return (
      <section className="dl-card" aria-label={title}>
        <h2 className="dl-section">{title}</h2>
        <div className="dl-stack">{children}</div>
      </section>
    )
  }
  return (
    <details className="dl-card dl-fold" open={open || undefined}>
      <summary>
        <ChevronRight size={15} aria-hidden />
        <h2>{title}</h2>
      </summary>
      <div className="dl-stack">{children}</div>
    </details>
  )
}
