import { useState } from 'react'
import { ContainerStatus, useContainers, type Container } from '@/features/containers'
import { matchesWords } from '@/format/sorting'
import { plural } from '@/format/numbers'
import { Dialog } from '@/ui/Dialog'
import { FormFooter } from '@/ui/Form'
import { Search } from '@/ui/Search'
import { Skeleton } from '@/ui/States'
import { isWanted, type Wanted } from '../selection'

/** As many as the server shows in one view. */
export const MOST = 50

interface ContainerPickerProps {
  chosen: readonly Wanted[]
  onChoose: (containers: readonly Wanted[]) => void
  onClose: () => void
}

/** Chooses containers of all hosts, whose logs are shown together. */
export function ContainerPicker({ chosen, onChoose, onClose }: ContainerPickerProps) {
  const list = useContainers()
  const all = list.data?.items ?? []
  const [q, setQ] = useState('')
  const [picked, setPicked] = useState<readonly Wanted[]>(chosen)
  const shown = all
    .filter(({ name, image, host, id, stack }) => matchesWords(q, [name, image, host, id, stack]))
    .sort((a, b) => a.name.localeCompare(b.name))
  const full = picked.length >= MOST

  function toggle(container: Container): void {
    const others = picked.filter((wanted) => !isWanted(wanted, container))
    setPicked(others.length < picked.length ? others : [...picked, { host: container.host, id: container.id }])
  }

  return (
    <Dialog
      title="Whose logs?"
      onClose={onClose}
      onSubmit={() => onChoose(picked)}
      footer={<FormFooter submit={picked.length === 0 ? 'Show' : `Show ${plural(picked.length, 'container')}`} busy={false} disabled={picked.length === 0} onClose={onClose} />}
    >
      <div className="dl-picker-search">
        <Search label="Find a container" placeholder="Name, image, host, stack" value={q} onValue={setQ} />
      </div>
      {list.isPending && <Skeleton rows={6} />}
      <ul className="dl-picker">
        {shown.map((container) => {
          const checked = picked.some((wanted) => isWanted(wanted, container))
          return (
            <li key={`${container.host} ${container.id}`}>
              <label className="form-check">
                <input type="checkbox" className="form-check-input" checked={checked} disabled={!checked && full} onChange={() => toggle(container)} />
                <span className="dl-ellipsis">{container.name}</span>
                <ContainerStatus container={container} />
                <span className="dl-faint">{container.host}</span>
              </label>
            </li>
          )
        })}
      </ul>
      {list.isSuccess && shown.length === 0 && <p className="dl-dim">No container matches.</p>}
      {full && <p className="dl-dim">At most {MOST} can be shown together.</p>}
    </Dialog>
  )
}
