import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { CloudDownload, Hammer, Layers, MoreHorizontal, PackageOpen, SearchCheck, Upload } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useCan } from '@/features/auth'
import { HostedPage } from '@/features/hosts'
import { watchJob } from '@/features/jobs'
import { failureToast } from '@/ui/failureToast'
import { Menu } from '@/ui/Menu'
import { Segmented } from '@/ui/Segmented'
import { Empty } from '@/ui/States'
import { imagesQuery, useCheckUpdates, type Image } from '../api/images'
import type { Intent } from '../components/ImageActions'
import { ImageDialogs } from '../components/ImageDialogs'
import { ImageTable } from '../components/ImageTable'
import { matches, SORT_KEYS, sorted, USE_WORDS, USES, usesOf } from '../model'

const route = getRouteApi('/_app/images')
const NONE: Image[] = []
const ASKED = ['pull', 'build', 'import', 'prune'] as const

/** The images of all hosts. */
export default function ImagesPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const list = useQuery(imagesQuery)
  const [intent, setIntent] = useState<Intent | null>(null)
  const all = list.data?.items ?? NONE
  const { q, host, use } = search
  const sort = SORT_KEYS.find((key) => key === search.sort) ?? 'name'
  const descending = search.desc === '1'
  const inScope = useMemo(() => all.filter((image) => matches(image, { q, host })), [all, q, host])
  const shown = useMemo(() => sorted(inScope.filter((image) => matches(image, { use })), sort, descending), [inScope, use, sort, descending])

  function set(change: Partial<typeof search>): void {
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true })
  }

  // What the address asks to be opened, as the palette does.
  const asked = can('images.manage') ? (ASKED.find((kind) => kind === search.do) ?? null) : null

  function close(): void {
    setIntent(null)
    if (search.do !== undefined) set({ do: '' })
  }

  const updates = useCheckUpdates()

  function check(): void {
    updates.mutateAsync(host === undefined ? {} : { host }).then(
      ({ job }) => watchJob(job.id),
      (error: unknown) => failureToast('Could not look for newer images', error),
    )
  }

  const pull = can('images.manage') && (
    <button type="button" className="btn btn-primary" onClick={() => setIntent({ kind: 'pull' })}>
      <CloudDownload size={15} aria-hidden /> Pull image
    </button>
  )
  return (
    <HostedPage
      title="Images"
      noun="image"
      placeholder="Name, digest, container"
      query={list}
      shown={shown.length}
      scope={{ q, host }}
      onScope={set}
      onClear={() => set({ q: '', host: '', use: '' })}
      filters={<Segmented label="Use" value={use ?? ''} options={useOptions(inScope)} onValue={(value) => set({ use: value })} />}
      actions={
        <>
          {pull}
          {(can('images.manage') || can('system.prune')) && (
            <Menu
              label="More actions for images"
              trigger={<MoreHorizontal size={16} aria-hidden />}
              triggerClass="btn btn-secondary btn-icon"
              items={[
                ...(can('images.manage') ? [{ label: 'Build…', icon: <Hammer size={15} aria-hidden />, onSelect: () => setIntent({ kind: 'build' }) }] : []),
                ...(can('images.read') ? [{ label: 'Look for newer images', icon: <SearchCheck size={15} aria-hidden />, onSelect: check }] : []),
                ...(can('images.manage') ? [{ label: 'Import…', icon: <Upload size={15} aria-hidden />, onSelect: () => setIntent({ kind: 'import' }) }] : []),
                ...(can('system.prune')
                  ? [{ label: 'Remove unused…', icon: <PackageOpen size={15} aria-hidden />, danger: true, onSelect: () => setIntent({ kind: 'prune' }) }]
                  : []),
              ]}
            />
          )}
        </>
      }
      dialogs={<ImageDialogs intent={intent ?? (asked === null ? null : { kind: asked })} host={host} onClose={close} />}
      empty={
        <Empty icon={<Layers size={20} />} action={pull}>
          There are no images yet.
        </Empty>
      }
    >
      <ImageTable
        images={shown}
        sort={sort}
        descending={descending}
        onSort={(key) => set({ sort: key === 'name' ? '' : key, desc: key === sort && !descending ? '1' : '' })}
        onIntent={setIntent}
      />
    </HostedPage>
  )
}

/** The uses that occur, with their numbers. */
function useOptions(images: readonly Image[]) {
  const options = [{ value: '', label: 'All', count: images.length }]
  for (const use of USES) {
    const count = images.filter((image) => usesOf(image).includes(use)).length
    if (count > 0) options.push({ value: use, label: USE_WORDS[use], count })
  }
  return options
}
