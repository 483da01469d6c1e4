import type { ExternalToast } from 'sonner'

// Messages are rare: what draws them is loaded with the first one, not with the page.
const load = () => import('sonner')

let ongoing = 0

export const toast = {
  success: (title: string, options?: ExternalToast) => void load().then(({ toast }) => toast.success(title, options)),
  error: (title: string, options?: ExternalToast) => void load().then(({ toast }) => toast.error(title, options)),
  /** A message about something that goes on: shown once there is something to tell, told anew, and taken away at its end. */
  ongoing: (title: string, action: { label: string; onClick: () => void }) => {
    const id = `ongoing-${++ongoing}`
    let over = false
    return {
      tell: (description: string) =>
        void load().then(({ toast }) => {
          if (!over) toast.loading(title, { id, description, action, duration: Infinity })
        }),
      end: () => {
        over = true
        void load().then(({ toast }) => toast.dismiss(id))
      },
    }
  },
  /** A message that stays while a task runs, and says how it ended. */
  task: (task: Promise<unknown>, texts: { loading: string; success: string; error: (error: unknown) => string; onStop: () => void }) => {
    const { loading, success, error, onStop } = texts
    void load().then(({ toast }) => toast.promise(task, { loading, success, error, action: { label: 'Stop', onClick: onStop } }))
  },
}
