/** Dockline's mark: two containers on a line that flows on. */
export function Logo({ size = 20 }: { size?: number }) {
  return (
    <svg className="dl-logo" width={size} height={size} viewBox="0 0 32 32" role="img" aria-label="Dockline">
      <rect width="32" height="32" rx="8" fill="var(--dl-accent)" />
      <g fill="var(--dl-on-accent)">
        <rect x="7" y="8" width="7" height="6" rx="1.5" />
        <rect x="16" y="8" width="9" height="6" rx="1.5" opacity=".6" />
        <rect x="7" y="16" width="18" height="2.5" rx="1.25" />
        <rect x="7" y="21.5" width="12" height="2.5" rx="1.25" opacity=".6" />
      </g>
    </svg>
  )
}
