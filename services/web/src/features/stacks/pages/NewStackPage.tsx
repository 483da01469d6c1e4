import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Rocket } from 'lucide-react'
import { useState } from 'react'
import { HostField, useOnlyHost } from '@/features/hosts'
import { watchJob } from '@/features/jobs'
import { Field } from '@/ui/Field'
import { fieldError } from '@/ui/Form'
import { Page } from '@/ui/Page'
import { useDeploy } from '../api/stacks'
import { StackEditor, type Written } from '../components/StackEditor'
import { nameProblem } from '../model'
import { plainValuesOf } from '../variables'
import '../stacks.scss'

const route = getRouteApi('/_app/stacks/new')
const BEGIN: Written = { compose: '', variables: [] }

/** Writes a Compose file and brings it up. */
export default function NewStackPage() {
  const { host: preferred } = route.useSearch()
  const navigate = useNavigate()
  const first = useOnlyHost(preferred)
  const [chosen, setHost] = useState<string | null>(null)
  const [name, setName] = useState('')
  const deploy = useDeploy()
  const host = chosen ?? first
  const wrong = name === '' ? undefined : nameProblem(name)
  const missing = host === '' ? 'Choose a host.' : name === '' ? 'Give it a name.' : wrong === undefined ? undefined : 'Its name is not valid.'
  return (
    <Page title="Deploy a stack" crumbs={[{ label: 'Stacks', to: '/stacks' }]} fill>
      <StackEditor
        host={host}
        name={name}
        begin={BEGIN}
        missing={missing}
        submit={{
          label: 'Deploy',
          icon: <Rocket size={15} aria-hidden />,
          // Also until the stack's own page is there.
          busy: deploy.isPending || deploy.isSuccess,
          error: deploy.error,
          onSubmit: ({ compose, variables }) =>
            deploy.mutate(
              { host, name, compose, variables: plainValuesOf(variables) },
              {
                onSuccess: ({ job }) => {
                  watchJob(job.id)
                  void navigate({ to: '/hosts/$host/stacks/$name/services', params: { host, name } })
                },
              },
            ),
        }}
        head={
          <section className="dl-card dl-stack" aria-label="Stack">
            <HostField value={host} onValue={setHost} />
            <Field
              label="Name"
              placeholder="shop"
              className="dl-mono"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={name}
              onValue={setName}
              error={wrong ?? fieldError(deploy.error, 'name')}
            />
          </section>
        }
      />
    </Page>
  )
}
