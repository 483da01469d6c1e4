import { ChevronsUpDown, Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide-react'
import { session } from '@/api/session'
import { useMe } from '@/features/auth'
import { failureToast } from '@/ui/failureToast'
import { Menu } from '@/ui/Menu'
import type { Overlay } from './Shell'
import { setTheme, useTheme, type ThemeChoice } from './theme'

const THEMES: { value: ThemeChoice; label: string; icon: typeof Sun }[] = [
  { value: 'auto', label: 'System', icon: Monitor },
  { value: 'dark', label: 'Dark', icon: Moon },
  { value: 'light', label: 'Light', icon: Sun },
]

/** Who is signed in, the theme, the keys, and the way out. */
export function AccountMenu({ onOverlay }: { onOverlay: (overlay: Overlay) => void }) {
  const user = useMe()?.user
  const theme = useTheme()
  const name = user?.username ?? '…'
  const label = `Account of ${name}`
  return (
    <Menu
      label={label}
      triggerSaysLabel
      align="start"
      triggerClass="dl-account"
      trigger={
        <>
          <span className="visually-hidden">{label}</span>
          <span className="dl-avatar" aria-hidden>
            {name.charAt(0).toUpperCase()}
          </span>
          <span className="dl-account-name" aria-hidden>
            <strong>{name}</strong>
            <span>{user?.role}</span>
          </span>
          <ChevronsUpDown size={14} aria-hidden />
        </>
      }
      header={
        <div className="dl-theme" role="group" aria-label="Theme">
          {THEMES.map(({ value, label, icon: Icon }) => (
            <button key={value} type="button" aria-pressed={theme === value} onClick={() => setTheme(value)}>
              <Icon size={14} aria-hidden /> {label}
            </button>
          ))}
        </div>
      }
      items={[
        { label: 'Keyboard', icon: <Keyboard size={15} aria-hidden />, onSelect: () => onOverlay('keys') },
        'separator',
        {
          label: 'Sign out',
          icon: <LogOut size={15} aria-hidden />,
          onSelect: () => {
            session.signOut().catch((error: unknown) => failureToast('The server did not hear of the sign-out', error))
          },
        },
      ]}
    />
  )
}
