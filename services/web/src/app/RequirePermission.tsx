import type { ReactNode } from 'react'
import { useCan, type Permission } from '@/features/auth'
import { Forbidden } from './NotFound'

interface RequirePermissionProps {
  permission: Permission
  children: ReactNode
}

/** Shows the 403 page instead of a page that the server would refuse anyway. */
export function RequirePermission({ permission, children }: RequirePermissionProps) {
  return useCan()(permission) ? children : <Forbidden permission={permission} />
}
