import { Status } from '@/ui/Status'
import type { Stack } from '../api/stacks'
import { toneOf, wordOf } from '../model'

export function StackStatus({ stack, pill = false }: { stack: Pick<Stack, 'state' | 'unhealthy'>; pill?: boolean }) {
  return (
    <Status tone={toneOf(stack)} pill={pill}>
      {wordOf(stack)}
    </Status>
  )
}
