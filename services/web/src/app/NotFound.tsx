import { Link } from '@tanstack/react-router'
import { Compass, Lock } from 'lucide-react'
import { Page } from '@/ui/Page'
import { Empty } from '@/ui/States'

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty
        icon={<Compass size={20} />}
        action={
          <Link to="/" className="btn btn-secondary">
            Go to the overview
          </Link>
        }
      >
        There is no page at this address.
      </Empty>
    </Page>
  )
}

export function Forbidden({ permission }: { permission: string }) {
  return (
    <Page title="No access">
      <Empty
        icon={<Lock size={20} />}
        action={
          <Link to="/" className="btn btn-secondary">
            Go to the overview
          </Link>
        }
      >
        Your account lacks the permission <code>{permission}</code> that this page needs. An administrator can change your role.
      </Empty>
    </Page>
  )
}
