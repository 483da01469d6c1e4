import { SquareTerminal } from 'lucide-react'
import { useState } from 'react'
import type { TerminalProgram } from '@/api/ws/TerminalSocket'
import { splitWords } from '@/format/words'
import { Field } from '@/ui/Field'

interface StartFormProps {
  onStart: (program: TerminalProgram, title: string) => void
}

/** What is to run in the terminal; with nothing filled in, the container's shell. */
export function StartForm({ onStart }: StartFormProps) {
  const [command, setCommand] = useState('')
  const [user, setUser] = useState('')
  const [workdir, setWorkdir] = useState('')
  const [checked, setChecked] = useState(false)
  const words = splitWords(command)
  const wrong = workdir !== '' && !workdir.startsWith('/')

  function start(): void {
    setChecked(true)
    if (words === null || wrong) return
    onStart({ command: words, user: user.trim(), workdir }, words.length === 0 ? 'Shell' : command.trim())
  }

  return (
    <form
      className="dl-terminal-start"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        start()
      }}
    >
      <Field
        label="Command"
        placeholder="bash, or sh where there is none"
        hint="No shell reads it: for pipes and variables, write sh -c '…'."
        list="dl-terminal-commands"
        error={checked && words === null ? 'A quote is not closed.' : undefined}
        {...PLAIN}
        value={command}
        onValue={setCommand}
      />
      <datalist id="dl-terminal-commands">
        {['bash', 'sh', 'ash', 'zsh', 'python3', 'redis-cli', 'psql'].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <Field label="User" placeholder="as the container says" {...PLAIN} value={user} onValue={setUser} />
      <Field
        label="Folder"
        placeholder="as the container says"
        error={checked && wrong ? 'Write an absolute path.' : undefined}
        {...PLAIN}
        value={workdir}
        onValue={setWorkdir}
      />
      <button type="submit" className="btn btn-primary" data-autofocus>
        <SquareTerminal size={15} aria-hidden /> Open terminal
      </button>
    </form>
  )
}

const PLAIN = { className: 'dl-mono', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false }
