const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent)

/** The name of the command key on this machine. */
export const COMMAND_KEY = APPLE ? '⌘' : 'Ctrl'

/** Keys as they are printed: `g c`, `⌘ K`. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="dl-keys">
      {keys.split(' ').map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  )
}
