import { useState } from 'react'
import { toast } from '@/ui/toast'
import { NewPassword, passwordProblem, usernameProblem, type Role } from '@/features/auth'
import { Dialog } from '@/ui/Dialog'
import { Field } from '@/ui/Field'
import { fieldError, FormFooter, Refusal } from '@/ui/Form'
import { useCreateUser, useDeleteUser, useUpdateUser, type User } from '../api/users'
import { RoleField } from './RoleField'

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
      footer={<FormFooter submit="Add user" busy={create.isPending} onClose={onClose} />}
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
      footer={<FormFooter submit="Change role" busy={update.isPending} disabled={role === user.role} onClose={onClose} />}
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
      footer={<FormFooter submit="Set password" busy={update.isPending} onClose={onClose} />}
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
      footer={<FormFooter submit="Delete user" danger busy={remove.isPending} onClose={onClose} />}
    >
      <p>Their sessions end at once. What they did stays in the audit log.</p>
      <Refusal error={remove.error} />
    </Dialog>
  )
}
