import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { useChanges, type Change } from '@/features/events'

/** A burst of events reads the lists once per this time. */
const GATHER_MS = 300

/** An event says «look again»: lists and details are read anew when something happened to them. */
export function useLiveLists(): void {
  const queries = useQueryClient()
  const old = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])

  const onChange = useCallback(
    (change: Change) => {
      for (const key of outdated(change)) old.current.add(key)
      if (old.current.size === 0 || timer.current !== undefined) return
      timer.current = setTimeout(() => {
        timer.current = undefined
        const keys = [...old.current]
        old.current.clear()
        for (const key of keys) void queries.invalidateQueries({ queryKey: key.split(' ') })
      }, GATHER_MS)
    },
    [queries],
  )
  useChanges(onChange)
}

/** What a container does by which it begins or ceases to use something. */
const USES = new Set(['create', 'destroy', 'start', 'die'])

function outdated(change: Change): string[] {
  if (change.kind === 'gap') return ['containers', 'container', 'stacks', 'images', 'volumes', 'networks', 'hosts', 'events']
  if (change.kind === 'many') return ['events']
  if (change.kind === 'host') return ['containers', 'hosts']
  const { kind, action, actor } = change.event
  if (action.startsWith('exec_')) return []
  switch (kind) {
    case 'image':
      return ['images']
    case 'volume':
      return ['volumes']
    case 'network':
      return ['networks']
    case 'container':
      return ['containers', `container ${actor.id}`, ...(USES.has(action) ? ['stacks', 'images', 'volumes', 'networks'] : [])]
    default:
      return []
  }
}
