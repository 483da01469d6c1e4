interface FactsRowProps {
  /** How many columns the table has. */
  span: number
  facts: readonly (readonly [string, string])[]
}

/** What there is to know about the row above it, in a table whose rows can be opened. */
export function FactsRow({ span, facts }: FactsRowProps) {
  return (
    <tr className="dl-detail-row">
      <td colSpan={span}>
        <dl className="dl-facts dl-facts-dense">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="dl-mono">{value}</dd>
            </div>
          ))}
        </dl>
      </td>
    </tr>
  )
}
