import { useQuery } from '@tanstack/react-query'
import { KeyRound, MoreHorizontal, Plus, ShieldCheck, Trash2, UserCheck, UserX } from 'lucide-react'
import { useState } from 'react'
import { toast } from '@/ui/toast'
import { useMe } from '@/features/auth'
import { failureToast } from '@/ui/failureToast'
import { plural } from '@/format/numbers'
import { Ago } from '@/ui/Ago'
import { Menu } from '@/ui/Menu'
import { Page } from '@/ui/Page'
import { ErrorPanel, Skeleton } from '@/ui/States'
import { Status } from '@/ui/Status'
import { usersQuery, useUpdateUser, type User } from '../api/users'
import { ROLES } from '../components/RoleField'
import { CreateUserDialog, DeleteUserDialog, PasswordDialog, RoleDialog } from '../components/UserDialogs'

type Opened = { kind: 'create' } | { kind: 'role' | 'password' | 'delete'; user: User } | null

/** Who may sign in, and as what. */
export default function UsersPage() {
  const users = useQuery(usersQuery)
  const [opened, setOpened] = useState<Opened>(null)
  const close = () => setOpened(null)
  return (
    <Page
      title="Users"
      crumbs={[{ label: 'Administration' }]}
      status={users.data && <span className="dl-dim">{plural(users.data.length, 'user')}</span>}
      actions={
        <button type="button" className="btn btn-primary" onClick={() => setOpened({ kind: 'create' })}>
          <Plus size={15} aria-hidden /> Add user
        </button>
      }
      fill
    >
      <div className="dl-scroll">
        {users.isPending && <Skeleton rows={5} />}
        {users.isError && users.data === undefined && (
          <ErrorPanel what="The users could not be loaded" error={users.error} onRetry={() => void users.refetch()} />
        )}
        {users.data !== undefined && <UserTable users={users.data} onOpen={setOpened} />}
      </div>
      {opened?.kind === 'create' && <CreateUserDialog onClose={close} />}
      {opened?.kind === 'role' && <RoleDialog user={opened.user} onClose={close} />}
      {opened?.kind === 'password' && <PasswordDialog user={opened.user} onClose={close} />}
      {opened?.kind === 'delete' && <DeleteUserDialog user={opened.user} onClose={close} />}
    </Page>
  )
}

function UserTable({ users, onOpen }: { users: User[]; onOpen: (opened: Opened) => void }) {
  return (
    <table className="table dl-table dl-cards" aria-label="Users">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Role</th>
          <th scope="col">Access</th>
          <th scope="col">Last sign-in</th>
          <th scope="col">Added</th>
          <th scope="col" className="dl-col-actions">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <UserRow key={user.id} user={user} onOpen={onOpen} />
        ))}
      </tbody>
    </table>
  )
}

function UserRow({ user, onOpen }: { user: User; onOpen: (opened: Opened) => void }) {
  const self = useMe()?.user.id === user.id
  const update = useUpdateUser()
  const role = ROLES.find(({ value }) => value === user.role)

  function setEnabled(enabled: boolean): void {
    update.mutateAsync({ id: user.id, enabled }).then(
      () => toast.success(`${enabled ? 'Enabled' : 'Disabled'} ${user.username}`),
      (error: unknown) => failureToast(`Could not change ${user.username}`, error),
    )
  }

  return (
    <tr data-user={user.username}>
      <td className="dl-card-title">
        <span className="dl-inline">
          <span className="dl-avatar" aria-hidden>
            {user.username.charAt(0).toUpperCase()}
          </span>
          <strong className="dl-strong">{user.username}</strong>
          {self && <span className="dl-tag">you</span>}
        </span>
      </td>
      <td data-label="Role" title={role?.hint}>
        {role?.label ?? user.role}
      </td>
      <td data-label="Access">
        <Status tone={user.enabled ? 'green' : 'grey'}>{user.enabled ? 'Enabled' : 'Disabled'}</Status>
      </td>
      <td className="dl-dim" data-label="Last sign-in">
        {user.last_login_at == null ? 'never' : <Ago at={user.last_login_at} />}
      </td>
      <td className="dl-dim" data-label="Added">
        <Ago at={user.created_at} />
      </td>
      <td className="dl-col-actions">
        <div className="dl-row-actions">
          <Menu
            label={`Actions for ${user.username}`}
            trigger={<MoreHorizontal size={16} aria-hidden />}
            triggerClass="btn btn-ghost btn-icon btn-sm"
            items={[
              {
                label: 'Change role…',
                icon: <ShieldCheck size={15} aria-hidden />,
                onSelect: () => onOpen({ kind: 'role', user }),
              },
              {
                label: 'Set password…',
                icon: <KeyRound size={15} aria-hidden />,
                onSelect: () => onOpen({ kind: 'password', user }),
              },
              {
                label: user.enabled ? 'Disable' : 'Enable',
                icon: user.enabled ? <UserX size={15} aria-hidden /> : <UserCheck size={15} aria-hidden />,
                disabled: self,
                onSelect: () => setEnabled(!user.enabled),
              },
              'separator',
              {
                label: 'Delete…',
                icon: <Trash2 size={15} aria-hidden />,
                danger: true,
                disabled: self,
                onSelect: () => onOpen({ kind: 'delete', user }),
              },
            ]}
          />
        </div>
      </td>
    </tr>
  )
}
