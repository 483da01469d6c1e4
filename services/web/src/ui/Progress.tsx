interface ProgressProps {
  label: string
  /** From 0 to 1; null when nobody knows how much is left. */
  value: number | null
  tone?: 'accent' | 'green' | 'red' | 'grey'
}

/** How far something is. */
export function Progress({ label, value, tone = 'accent' }: ProgressProps) {
  const percent = value === null ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 100)
  return (
    <div className="dl-progress" data-tone={tone} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
      <div className={percent === undefined ? 'dl-progress-unknown' : undefined} style={{ width: percent === undefined ? undefined : `${percent}%` }} />
    </div>
  )
}
