import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yamlLanguage } from '@codemirror/lang-yaml'
import { bracketMatching, indentOnInput, indentUnit, LanguageSupport } from '@codemirror/language'
import { lintGutter, setDiagnostics } from '@codemirror/lint'
import { Compartment, EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, placeholder as whenEmpty } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import { diagnosticsOf, type Mark } from './marks'
import { highlighting, look } from './look'

interface CodeEditorProps {
  /** Its name for who does not see it. */
  label: string
  value: string
  onValue: (value: string) => void
  language: 'yaml' | 'plain'
  /** What is wrong, at its lines. */
  marks?: readonly Mark[] | undefined
  readOnly?: boolean
  placeholder?: string
}

const NO_MARKS: readonly Mark[] = []

/** An editor for a file: numbered lines, colours, and what is wrong at the line where it is. Heavy: load it lazily. */
export default function CodeEditor({ label, value, onValue, language, marks = NO_MARKS, readOnly = false, placeholder }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(null)
  const heard = useRef(onValue)
  const begin = useRef(value)
  useEffect(() => {
    heard.current = onValue
  })

  useEffect(() => {
    if (place.current === null) return
    const editable = new Compartment()
    const extensions: Extension[] = [
      lineNumbers(),
      highlightActiveLineGutter(),
      highlightActiveLine(),
      lintGutter(),
      history(),
      drawSelection(),
      indentOnInput(),
      indentUnit.of('  '),
      bracketMatching(),
      EditorView.lineWrapping,
      highlighting,
      look,
      keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
      editable.of([]),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) heard.current(update.state.doc.toString())
      }),
      ...(language === 'yaml' ? [new LanguageSupport(yamlLanguage)] : []),
      ...(placeholder === undefined ? [] : [whenEmpty(placeholder)]),
      ...(readOnly ? [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ 'aria-readonly': 'true' })] : []),
    ]
    const made = new EditorView({ parent: place.current, state: EditorState.create({ doc: begin.current, extensions }) })
    view.current = made
    return () => {
      begin.current = made.state.doc.toString()
      view.current = null
      made.destroy()
    }
  }, [label, language, readOnly, placeholder])

  // A text that did not come from here replaces what stands there.
  useEffect(() => {
    const shown = view.current
    if (shown === null || shown.state.doc.toString() === value) return
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } })
  }, [value])

  useEffect(() => {
    const shown = view.current
    if (shown === null) return
    shown.dispatch(setDiagnostics(shown.state, diagnosticsOf(shown.state.doc, marks)))
    const first = marks[0]
    if (first?.line == null) return
    const line = shown.state.doc.line(Math.min(Math.max(1, first.line), shown.state.doc.lines))
    shown.dispatch({ effects: EditorView.scrollIntoView(line.from, { y: 'center' }) })
  }, [marks])

  return <div ref={place} className="dl-code" data-readonly={readOnly || undefined} />
}
