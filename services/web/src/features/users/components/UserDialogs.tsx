import { useState } from 'react'
import { toast } from '@/ui/toast'
import { ApiError, messageOf } from '@/api/errors'
import { NewPassword, passwordProblem, usernameProblem, type Role } from '@/features/auth'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { Spinner } from '@/ui/States'
import { useCreateUser, useDeleteUser, useUpdateUser, type User } from '../api/users'
import { RoleField } from './RoleField'

interface FooterProps {
  submit: string
  busy: boolean
  danger?: boolean
  disabled?: boolean
  onClose: () => void
}

function Footer({ submit, busy, danger = false, disabled = false, onClose }: FooterProps) {
  return (
    <>
      <button type="button" className="btn btn-secondary" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" className={danger ? 'btn btn-danger' : 'btn btn-primary'} disabled={busy || disabled}>
        {busy && <Spinner />} {submit}
      </button>
    </>
  )
}

/** What the server said about a field, or about the whole. */
function Refusal({ error, fields = [] }: { error: unknown; fields?: string[] }) {
  if (error === null) return null
  if (error instanceof ApiError && error.fields.some(({ field }) => fields.includes(field))) return null
  return (
    <div className="alert dl-alert-danger" role="alert">
      {messageOf(error)}
    </div>
  )
}

function fieldError(error: unknown, field: string): string | undefined {
  return error instanceof ApiError ? error.fields.find((wrong) => wrong.field === field)?.message : undefined
}

export function CreateUserDialog({ onClose }: { onClose: () => void }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [checked, setChecked] = useState(false)
  const create = useCreateUser()
  const problems = { username: usernameProblem(username), password: passwordProblem(password) }
  return (
    <Dialog
      title="Add a user"
      onClose={onClose}
      onSubmit={() => {
        setChecked(true)
        if (problems.username !== undefined || problems.password !== undefined) return
        const done = () => {
          toast.success(`Added ${username}`)
          onClose()
        }
        create.mutate({ username, password, role }, { onSuccess: done })
      }}
      footer={<Footer submit="Add user" busy={create.isPending} onClose={onClose} />}
    >
      <Field
        label="Username"
        autoComplete="off"
        autoCapitalize="none"
        data-autofocus
        value={username}
        onValue={setUsername}
        error={(checked ? problems.username : undefined) ?? fieldError(create.error, 'username')}
      />
      <NewPassword
        value={password}
        onValue={setPassword}
        error={(checked ? problems.password : undefined) ?? fieldError(create.error, 'password')}
      />
      <RoleField value={role} onValue={setRole} />
      <Refusal error={create.error} fields={['username', 'password']} />
    </Dialog>
  )
}

interface UserDialogProps {
  user: User
  onClose: () => void
}

export function RoleDialog({ user, onClose }: UserDialogProps) {
  const [role, setRole] = useState<string>(user.role)
  const update = useUpdateUser()
  return (
    <Dialog
      title={`Role of ${user.username}`}
      onClose={onClose}
      onSubmit={() => {
        const done = () => {
          toast.success(`${user.username} is ${role} now`)
          onClose()
        }
        update.mutate({ id: user.id, role }, { onSuccess: done })
      }}
      footer={<Footer submit="Change role" busy={update.isPending} disabled={role === user.role} onClose={onClose} />}
    >
      <RoleField value={role} onValue={setRole} />
      <p className="form-text">What they watch live is closed and opened again with the new role.</p>
      <Refusal error={update.error} />
    </Dialog>
  )
}

export function PasswordDialog({ user, onClose }: UserDialogProps) {
  const [password, setPassword] = useState('')
  const [checked, setChecked] = useState(false)
  const update = useUpdateUser()
  const problem = passwordProblem(password)
  return (
    <Dialog
      title={`New password for ${user.username}`}
      onClose={onClose}
      onSubmit={() => {
        setChecked(true)
        if (problem !== undefined) return
        const done = () => {
          toast.success(`${user.username} has a new password`)
          onClose()
        }
        update.mutate({ id: user.id, password }, { onSuccess: done })
      }}
      footer={<Footer submit="Set password" busy={update.isPending} onClose={onClose} />}
    >
      <NewPassword
        label="New password"
        value={password}
        onValue={setPassword}
        error={(checked ? problem : undefined) ?? fieldError(update.error, 'password')}
      />
      <p className="form-text">All their sessions end; they sign in again with the new password.</p>
      <Refusal error={update.error} fields={['password']} />
    </Dialog>
  )
}

export function DeleteUserDialog({ user, onClose }: UserDialogProps) {
  const remove = useDeleteUser()
  return (
    <Dialog
      title={`Delete ${user.username}?`}
      onClose={onClose}
      onSubmit={() => {
        const done = () => {
          toast.success(`Deleted ${user.username}`)
          onClose()
        }
        remove.mutate(user.id, { onSuccess: done })
      }}
      footer={<Footer submit="Delete user" danger busy={remove.isPending} onClose={onClose} />}
    >
      <p>Their sessions end at once. What they did stays in the audit log.</p>
      <Refusal error={remove.error} />
    </Dialog>
  )
}
