import { queryOptions } from '@tanstack/react-query'
import { api, unwrap, type Schema } from '@/api/client'
import { useChange } from '@/api/useChange'

export type User = Schema<'User'>

async function allUsers(): Promise<User[]> {
  const users: User[] = []
  let cursor: string | undefined
  do {
    const page = await unwrap(api.GET('/api/v1/users', { params: { query: { limit: 500, cursor } } }))
    users.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return users
}

export const usersQuery = queryOptions({ queryKey: ['users'], queryFn: allUsers })

const TOUCHED = [['users']]

export function useCreateUser() {
  return useChange(TOUCHED, (body: Schema<'CreateUser'>) => unwrap(api.POST('/api/v1/users', { body })))
}

export function useUpdateUser() {
  return useChange(TOUCHED, ({ id, ...body }: Schema<'UpdateUser'> & { id: string }) =>
    unwrap(api.PATCH('/api/v1/users/{id}', { params: { path: { id } }, body })),
  )
}

export function useDeleteUser() {
  return useChange(TOUCHED, (id: string) => unwrap(api.DELETE('/api/v1/users/{id}', { params: { path: { id } } })))
}
