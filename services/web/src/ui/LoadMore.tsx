import { useEffect, useRef } from 'react'
import { Spinner } from './States'

interface LoadMoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; isFetchNextPageError: boolean; fetchNextPage: () => Promise<unknown> }
  /** How many entries are shown. A page that shows no more than the one before is not followed by another by itself. */
  shown: number
}

/** The way to the next page of a list whose newest entries come first. It is gone by itself when its end comes into view. */
export function LoadMore({ query, shown }: LoadMoreProps) {
  const end = useRef<HTMLDivElement>(null)
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query
  const going = hasNextPage && !isFetchNextPageError
  const busy = useRef(isFetchingNextPage)
  useEffect(() => {
    busy.current = isFetchingNextPage
  })
  useEffect(() => {
    const element = end.current
    if (!going || element === null) return
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting) && !busy.current) void fetchNextPage()
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [going, shown, fetchNextPage])
  if (!hasNextPage) return null
  return (
    <div className="dl-more" ref={end}>
      {isFetchNextPageError && <span className="dl-dim">The older ones could not be loaded.</span>}
      <button type="button" className="btn btn-secondary" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {isFetchingNextPage && <Spinner label="Loading" />} {isFetchNextPageError ? 'Retry' : 'Show older'}
      </button>
    </div>
  )
}
