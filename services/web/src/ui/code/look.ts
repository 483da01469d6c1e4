import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/** In the colours of the page, whichever theme it has. */
export const highlighting = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--dl-link)' },
    { tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: 'var(--dl-green)' },
    { tag: [tags.comment, tags.lineComment], color: 'var(--dl-faint)', fontStyle: 'italic' },
    { tag: [tags.labelName, tags.typeName, tags.keyword, tags.meta], color: 'var(--dl-amber)' },
    { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--dl-dim)' },
    { tag: tags.invalid, color: 'var(--dl-red)' },
  ]),
)

export const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--dl-text)', backgroundColor: 'var(--dl-canvas)', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--dl-mono)', lineHeight: '20px', fontVariantLigatures: 'none' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--dl-strong)' },
  '.cm-cursor': { borderLeftColor: 'var(--dl-strong)' },
  '.cm-gutters': { border: '0', color: 'var(--dl-faint)', backgroundColor: 'var(--dl-canvas)' },
  '.cm-lineNumbers .cm-gutterElement': { paddingLeft: '12px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--dl-hover)' },
  '.cm-activeLineGutter': { color: 'var(--dl-strong)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--dl-selected)' },
  '.cm-placeholder': { color: 'var(--dl-faint)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--dl-selected)', color: 'inherit' },
  '.cm-tooltip': { border: '1px solid var(--dl-line-strong)', borderRadius: 'var(--dl-radius)', color: 'var(--dl-text)', backgroundColor: 'var(--dl-raised)', overflow: 'hidden' },
  '.cm-diagnostic': { padding: '6px 10px', fontFamily: 'var(--dl-sans)', fontSize: '13px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--dl-red)' },
})
