interface PlainTableProps {
  head: string[]
  rows: (string | null | undefined)[][]
  /** In place of a table without rows. */
  none: string
}

/** A small table of facts; nothing known is shown as a dash. */
export function PlainTable({ head, rows, none }: PlainTableProps) {
  if (rows.length === 0) return <p className="dl-dim">{none}</p>
  return (
    <div className="dl-scroll-x" tabIndex={0} role="group" aria-label={`${head.join(', ')}`}>
      <table className="table dl-table dl-table-plain">
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.join('\0')}>
              {row.map((cell, column) => (
                <td key={head[column]} className="dl-mono">
                  {cell === undefined || cell === null || cell === '' ? <span className="dl-faint">–</span> : cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
