import type { ExternalToast } from 'sonner'

// Messages are rare: what draws them is loaded with the first one, not with the page.
const load = () => import('sonner')

export const toast = {
  success: (title: string, options?: ExternalToast) => void load().then(({ toast }) => toast.success(title, options)),
  error: (title: string, options?: ExternalToast) => void load().then(({ toast }) => toast.error(title, options)),
  /** A message that stays while a task runs, and says how it ended. */
  task: (task: Promise<unknown>, texts: { loading: string; success: string; error: (error: unknown) => string; onStop: () => void }) => {
    const { loading, success, error, onStop } = texts
    void load().then(({ toast }) => toast.promise(task, { loading, success, error, action: { label: 'Stop', onClick: onStop } }))
  },
}
