import { Dialog } from '@/ui/Dialog'
import { COMMAND_KEY, Kbd } from '@/ui/Kbd'
import { PAGES } from '@/ui/pages'

const GROUPS: { title: string; keys: [string, string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      [`${COMMAND_KEY} K`, 'Find a page, a container or an action'],
      ['/', 'Search on this page'],
      ['j k', 'Next or previous row'],
      ['?', 'These keys'],
    ],
  },
  {
    title: 'Go to',
    keys: PAGES.map(({ key, label }) => [`g ${key}`, label]),
  },
  {
    title: 'Events over time',
    keys: [
      ['← →', 'The part before or after'],
      ['Enter', 'The events of this part only'],
      ['Esc', 'All events again'],
    ],
  },
  {
    title: 'Terminal',
    keys: [
      ['Ctrl .', 'Leave the terminal'],
      ['Ctrl Shift C', 'Copy what is selected'],
      ['Ctrl Shift V', 'Paste'],
      ['Ctrl Shift F', 'Search what was printed'],
    ],
  },
  {
    title: 'Logs',
    keys: [
      ['f', 'Follow new lines, or stay here'],
      ['w', 'Wrap long lines'],
      ['t', 'Show the time'],
      ['End', 'Jump to the newest line and follow'],
    ],
  },
]

export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div className="dl-help">
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={keys}>
                  <dt>{what}</dt>
                  <dd>
                    <Kbd keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
