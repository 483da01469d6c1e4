import { useQuery } from '@tanstack/react-query'
import { KeyRound, MoreHorizontal, Pencil, PlugZap, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { plural } from '@/format/numbers'
import { Ago } from '@/ui/Ago'
import { Menu } from '@/ui/Menu'
import { Page } from '@/ui/Page'
import { Empty, ErrorPanel, Skeleton } from '@/ui/States'
import { registriesQuery, type Registry } from '../api/registries'
import { RegistryDialogs, type Intent } from '../components/RegistryDialogs'

/** With which names images of which registries are pulled and pushed. */
export default function RegistriesPage() {
  const manage = useCan()('registries.manage')
  const registries = useQuery(registriesQuery)
  const [intent, setIntent] = useState<Intent | null>(null)
  const add = manage && (
    <button type="button" className="btn btn-primary" onClick={() => setIntent({ kind: 'add' })}>
      <Plus size={15} aria-hidden /> Add registry
    </button>
  )
  return (
    <Page
      title="Registries"
      crumbs={[{ label: 'Administration' }]}
      status={registries.data && <span className="dl-dim">{plural(registries.data.length, 'registry', 'registries')}</span>}
      actions={add}
      fill
    >
      <div className="dl-scroll">
        {registries.isPending && <Skeleton rows={5} />}
        {registries.isError && registries.data === undefined && (
          <ErrorPanel what="The registries could not be loaded" error={registries.error} onRetry={() => void registries.refetch()} />
        )}
        {registries.data?.length === 0 && (
          <Empty icon={<KeyRound size={20} />} action={add}>
            No registry is signed in to. Public images need none; add one to pull private images and to push.
          </Empty>
        )}
        {registries.data !== undefined && registries.data.length > 0 && <RegistryTable registries={registries.data} manage={manage} onIntent={setIntent} />}
      </div>
      <RegistryDialogs intent={intent} onClose={() => setIntent(null)} />
    </Page>
  )
}

interface RegistryTableProps {
  registries: readonly Registry[]
  manage: boolean
  onIntent: (intent: Intent) => void
}

function RegistryTable({ registries, manage, onIntent }: RegistryTableProps) {
  return (
    <table className="table dl-table dl-cards" aria-label="Registries">
      <thead>
        <tr>
          <th scope="col" className="dl-col-wide">
            Address
          </th>
          <th scope="col">Username</th>
          <th scope="col">Signs in with</th>
          <th scope="col" className="dl-col-time">
            Added
          </th>
          <th scope="col" className="dl-col-time">
            Changed
          </th>
          <th scope="col" className="dl-col-actions">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {registries.map((registry) => (
          <tr key={registry.id} data-registry={registry.address}>
            <td className="dl-card-title dl-strong dl-mono dl-ellipsis" title={registry.address}>
              {registry.address}
            </td>
            <td className="dl-ellipsis" data-label="Username">
              {registry.username ?? <span className="dl-faint">–</span>}
            </td>
            <td className="dl-dim" data-label="Signs in">
              {registry.secret === 'password' ? 'password' : 'identity token'}
            </td>
            <td className="dl-dim" data-label="Added">
              <Ago at={registry.created_at} />
            </td>
            <td className="dl-dim" data-label="Changed">
              <Ago at={registry.updated_at} />
            </td>
            <td className="dl-col-actions">
              {manage && (
                <Menu
                  label={`Actions for ${registry.address}`}
                  trigger={<MoreHorizontal size={16} aria-hidden />}
                  triggerClass="btn btn-ghost btn-icon btn-sm"
                  items={[
                    { label: 'Test…', icon: <PlugZap size={15} aria-hidden />, onSelect: () => onIntent({ kind: 'test', registry }) },
                    { label: 'Edit…', icon: <Pencil size={15} aria-hidden />, onSelect: () => onIntent({ kind: 'edit', registry }) },
                    'separator',
                    { label: 'Remove…', icon: <Trash2 size={15} aria-hidden />, danger: true, onSelect: () => onIntent({ kind: 'remove', registry }) },
                  ]}
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
