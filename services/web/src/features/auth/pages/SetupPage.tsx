import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, unwrap } from '@/api/client'
import { ApiError, messageOf } from '@/api/errors'
import { session } from '@/api/session'
import { Field } from '@/ui/Field'
import { ErrorPanel, Skeleton, Spinner } from '@/ui/States'
import { setupRequired } from '../api/setup'
import { AuthFrame } from '../components/AuthFrame'
import { NewPassword } from '../components/NewPassword'
import { passwordProblem, usernameProblem } from '../password'

const route = getRouteApi('/setup')

export default function SetupPage() {
  const search = route.useSearch()
  const router = useRouter()
  // The token is a secret: keep it here and out of the address bar and the history.
  const [token] = useState(search.token ?? '')
  useEffect(() => {
    document.title = 'Set up · Dockline'
    if (search.token !== undefined) void router.navigate({ to: '/setup', search: {}, replace: true })
  }, [router, search.token])
  const status = useQuery({ queryKey: ['setup'], queryFn: setupRequired, staleTime: Infinity })

  if (status.isPending) {
    return (
      <AuthFrame title="Set up Dockline" lead="One moment…">
        <Skeleton rows={3} />
      </AuthFrame>
    )
  }
  if (status.isError) {
    return (
      <AuthFrame title="Set up Dockline" lead="">
        <ErrorPanel what="Dockline could not be asked" error={status.error} onRetry={() => void status.refetch()} />
      </AuthFrame>
    )
  }
  if (!status.data) {
    return (
      <AuthFrame title="Dockline is set up" lead="The first administrator exists. Sign in, or ask an administrator for an account.">
        <Link to="/login" className="btn btn-primary dl-wide">
          Go to sign-in
        </Link>
      </AuthFrame>
    )
  }
  if (token === '') {
    return (
      <AuthFrame title="Set up Dockline" lead="Open the set-up link that Dockline printed when it started. It holds the one-time token that this page needs.">
        <p className="dl-dim">
          The line begins with <code>set up the first administrator:</code>. The token is also in the file <code>setup-token</code> of the
          data folder.
        </p>
      </AuthFrame>
    )
  }
  return <SetupForm token={token} />
}

function SetupForm({ token }: { token: string }) {
  const router = useRouter()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [repeated, setRepeated] = useState('')
  const [checked, setChecked] = useState(false)
  const setup = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/setup', { body: { token, username, password } })),
    onSuccess: (signedIn) => {
      session.begin(signedIn)
      router.history.replace('/')
    },
  })
  const problems = {
    username: usernameProblem(username),
    password: passwordProblem(password),
    repeated: repeated === password ? undefined : 'The two passwords differ.',
  }
  const server = setup.error instanceof ApiError ? setup.error.fields : []
  const shown = (field: keyof typeof problems) =>
    (checked ? problems[field] : undefined) ?? server.find((wrong) => wrong.field === field)?.message

  return (
    <AuthFrame title="Set up Dockline" lead="Make the first administrator. Further people are added later, in the product.">
      <form
        className="dl-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setChecked(true)
          if (Object.values(problems).every((problem) => problem === undefined)) setup.mutate()
        }}
      >
        <Field label="Username" autoComplete="username" autoCapitalize="none" autoFocus value={username} onValue={setUsername} error={shown('username')} />
        <NewPassword value={password} onValue={setPassword} error={shown('password')} />
        <Field label="Repeat the password" type="password" autoComplete="new-password" value={repeated} onValue={setRepeated} error={shown('repeated')} />
        {setup.isError && (
          <div className="alert dl-alert-danger" role="alert">
            {messageOf(setup.error)}
          </div>
        )}
        <button type="submit" className="btn btn-primary dl-wide" disabled={setup.isPending}>
          {setup.isPending && <Spinner label="Setting up" />} Make the administrator
        </button>
      </form>
    </AuthFrame>
  )
}
