import { lazy, Suspense, type ComponentProps, type ReactNode } from 'react'
import { Skeleton } from '../States'

const CodeEditor = lazy(() => import('./CodeEditor'))
const CodeDiff = lazy(() => import('./CodeDiff'))

/** The editor for a file, loaded when one is first shown. */
export function Code(props: ComponentProps<typeof CodeEditor>) {
  return (
    <Frame>
      <CodeEditor {...props} />
    </Frame>
  )
}

/** What became of a file, loaded when it is first shown. */
export function Diff(props: ComponentProps<typeof CodeDiff>) {
  return (
    <Frame>
      <CodeDiff {...props} />
    </Frame>
  )
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <div className="dl-code-frame">
      <Suspense fallback={<Skeleton rows={10} label="Loading the editor" />}>{children}</Suspense>
    </div>
  )
}
