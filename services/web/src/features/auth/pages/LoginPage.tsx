import { useMutation } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api, unwrap } from '@/api/client'
import { messageOf } from '@/api/errors'
import { session } from '@/api/session'
import { Field } from '@/ui/Field'
import { Spinner } from '@/ui/States'
import { AuthFrame } from '../components/AuthFrame'
import { localPath } from '../localPath'

const route = getRouteApi('/login')

export default function LoginPage() {
  const { next } = route.useSearch()
  const router = useRouter()
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const login = useMutation({
    mutationFn: () => unwrap(api.POST('/api/v1/auth/login', { body: { username, password } })),
    onSuccess: (signedIn) => {
      session.begin(signedIn)
      router.history.replace(localPath(next))
    },
  })
  useEffect(() => {
    document.title = 'Sign in · Dockline'
  }, [])

  return (
    <AuthFrame title="Sign in to Dockline" lead="Watch and run containers on your Docker hosts.">
      <form
        className="dl-form"
        onSubmit={(event) => {
          event.preventDefault()
          login.mutate()
        }}
      >
        <Field label="Username" autoComplete="username" autoCapitalize="none" autoFocus required value={username} onValue={setUsername} />
        <Field label="Password" type="password" autoComplete="current-password" required value={password} onValue={setPassword} />
        {login.isError && (
          <div className="alert dl-alert-danger" role="alert">
            {messageOf(login.error)}
          </div>
        )}
        <button type="submit" className="btn btn-primary dl-wide" disabled={login.isPending || username === '' || password === ''}>
          {login.isPending && <Spinner label="Signing in" />} Sign in
        </button>
      </form>
    </AuthFrame>
  )
}
