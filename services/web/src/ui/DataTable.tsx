import { useRef, type ReactNode } from 'react'
import { SortHeader } from './SortHeader'
import { useWindowedRows } from './windowed'

export interface Column<Item> {
  name: string
  label: string
  className?: string
  cellClass?: string
  /** The column can be sorted by. */
  sortable?: boolean
  /** What is cut off, on hover. */
  title?: (item: Item) => string | undefined
  /** On a phone, where rows are cards: without its label, as the title and the state. */
  bare?: boolean
  cell: (item: Item) => ReactNode
}

interface Selection {
  keys: ReadonlySet<string>
  onKeys: (keys: ReadonlySet<string>) => void
}

interface DataTableProps<Item> {
  label: string
  items: readonly Item[]
  columns: readonly Column<Item>[]
  keyOf: (item: Item) => string
  nameOf: (item: Item) => string
  /** Data attributes of a row. */
  dataOf?: (item: Item) => Record<`data-${string}`, string>
  sort: string
  descending: boolean
  onSort: (name: string) => void
  actions?: (item: Item) => ReactNode
  selection?: Selection | undefined
  className?: string
}

/** The dense list; only the rows in view are on the page when there are many. */
export function DataTable<Item>({ label, items, columns, keyOf, nameOf, dataOf, sort, descending, onSort, actions, selection, className = '' }: DataTableProps<Item>) {
  const scroller = useRef<HTMLDivElement>(null)
  const { start, end, before, after } = useWindowedRows(scroller, items.length)
  const span = columns.length + Number(actions !== undefined) + Number(selection !== undefined)
  return (
    <div className="dl-table-scroll" ref={scroller}>
      <table className={`table dl-table dl-cards ${className}`} aria-label={label} aria-rowcount={items.length + 1}>
        <thead>
          <tr>
            {selection !== undefined && (
              <th scope="col" className="dl-col-select">
                <SelectAll keys={items.map(keyOf)} selection={selection} />
              </th>
            )}
            {columns.map((column) =>
              column.sortable === true ? (
                <SortHeader key={column.name} name={column.name} className={column.className} sort={sort} descending={descending} onSort={onSort}>
                  {column.label}
                </SortHeader>
              ) : (
                <th key={column.name} scope="col" className={column.className}>
                  {column.label}
                </th>
              ),
            )}
            {actions !== undefined && (
              <th scope="col" className="dl-col-actions">
                <span className="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          <Space height={before} span={span} />
          {items.slice(start, end).map((item) => {
            const key = keyOf(item)
            return (
              <tr key={key} {...dataOf?.(item)} data-selected={selection?.keys.has(key) === true || undefined}>
                {selection !== undefined && (
                  <td className="dl-col-select">
                    <input
                      type="checkbox"
                      className="form-check-input"
                      aria-label={`Select ${nameOf(item)}`}
                      checked={selection.keys.has(key)}
                      onChange={() => selection.onKeys(toggled(selection.keys, key))}
                    />
                  </td>
                )}
                {columns.map((column) => (
                  <Cell key={column.name} column={column} item={item} />
                ))}
                {actions !== undefined && <td className="dl-col-actions">{actions(item)}</td>}
              </tr>
            )
          })}
          <Space height={after} span={span} />
        </tbody>
      </table>
    </div>
  )
}

/** What is text alone may be cut short, so that all of it is shown as its title. */
function Cell<Item>({ column, item }: { column: Column<Item>; item: Item }) {
  const content = column.cell(item)
  return (
    <td
      className={`${column.className ?? ''} ${column.cellClass ?? ''}`}
      title={column.title?.(item) ?? (typeof content === 'string' ? content : undefined)}
      data-label={column.bare === true ? undefined : column.label}
    >
      {content}
    </td>
  )
}

function Space({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden className="dl-space" style={{ height }}>
      <td colSpan={span} />
    </tr>
  )
}

function SelectAll({ keys, selection }: { keys: readonly string[]; selection: Selection }) {
  const chosen = keys.filter((key) => selection.keys.has(key)).length
  const all = chosen === keys.length && chosen > 0
  return (
    <input
      ref={(box) => {
        if (box !== null) box.indeterminate = chosen > 0 && !all
      }}
      type="checkbox"
      className="form-check-input"
      aria-label="Select all"
      checked={all}
      onChange={() => selection.onKeys(new Set(all ? [] : keys))}
    />
  )
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys)
  if (!next.delete(key)) next.add(key)
  return next
}
