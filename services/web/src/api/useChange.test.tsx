import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { act, render, screen } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useChange } from './useChange'

const ITEMS = ['things']

/** Lets everything happen that follows. */
const after = (step: () => void) =>
  act(async () => {
    step()
    await vi.advanceTimersByTimeAsync(100)
  })

/** What answers when the test says so. */
function held<Answer>() {
  let answer: (value: Answer) => void = () => undefined
  let refuse: (error: Error) => void = () => undefined
  const promise = new Promise<Answer>((resolve, reject) => {
    answer = resolve
    refuse = reject
  })
  return { promise, answer: (value: Answer) => after(() => answer(value)), refuse: (error: Error) => after(() => refuse(error)) }
}

let queries: QueryClient
let reading: ReturnType<typeof held<string[]>>
let change: ReturnType<typeof held<string>>
const told = vi.fn<(what: string) => void>()

beforeEach(() => {
  vi.useFakeTimers()
  told.mockReset()
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  queries.setQueryData(ITEMS, ['one'])
  reading = held()
  change = held()
})

afterEach(() => {
  vi.useRealTimers()
})

const isStale = () => queries.getQueryState(ITEMS)?.isInvalidated

/** A list whose rows go with what they show, as a dialog goes with what it was opened for. */
function List({ row }: { row: ReactNode }) {
  const list = useQuery({ queryKey: ITEMS, queryFn: () => reading.promise, staleTime: Infinity })
  return list.data?.includes('one') === true ? row : <p>nothing</p>
}

function show(row: ReactNode): void {
  render(
    <QueryClientProvider client={queries}>
      <List row={row} />
    </QueryClientProvider>,
  )
}

const press = () => after(() => screen.getByRole('button').click())

function Asking() {
  const remove = useChange([ITEMS], () => change.promise)
  return (
    <button disabled={remove.isPending} onClick={() => remove.mutate(undefined, { onSuccess: told, onError: (error) => told(error.message) })}>
      Remove
    </button>
  )
}

function Staying() {
  const run = useChange([ITEMS], () => change.promise, { untilRead: true, onSuccess: told })
  return (
    <button disabled={run.isPending} onClick={() => run.mutate(undefined)}>
      Run
    </button>
  )
}

describe('useChange', () => {
  it('tells who asked at once, before the reading takes it away', async () => {
    show(<Asking />)
    await press()
    expect([isStale(), told.mock.calls.length]).toEqual([false, 0])
    await change.answer('removed')
    expect(told.mock.calls[0]?.[0]).toBe('removed')
    expect(isStale()).toBe(true)
    expect(screen.getByRole('button')).toBeEnabled()
    await reading.answer([])
    expect(screen.getByText('nothing')).toBeInTheDocument()
    expect(told).toHaveBeenCalledTimes(1)
    expect(isStale()).toBe(false)
  })

  it('reads again after a refusal too', async () => {
    show(<Asking />)
    await press()
    await change.refuse(new Error('refused'))
    expect(told).toHaveBeenCalledWith('refused')
    expect(isStale()).toBe(true)
  })

  it('knows by what it was called with what is stale', async () => {
    function Row() {
      const rename = useChange(({ list }: { list: string }) => [[list]], () => change.promise)
      return <button onClick={() => rename.mutate({ list: 'others' })}>Rename</button>
    }
    queries.setQueryData(['others'], [])
    show(<Row />)
    await press()
    await change.answer('renamed')
    expect([queries.getQueryState(['others'])?.isInvalidated, isStale()]).toEqual([true, false])
  })

  it('is pending until the list is read where that is wanted, and its own notice is at once', async () => {
    show(<Staying />)
    await press()
    await change.answer('begun')
    expect(told).toHaveBeenCalledTimes(1)
    expect(screen.getByRole('button')).toBeDisabled()
    await reading.answer(['one', 'two'])
    expect(screen.getByRole('button')).toBeEnabled()
  })

  it('gives its own notice when who asked is gone before the answer', async () => {
    show(<Staying />)
    await press()
    await after(() => queries.setQueryData(ITEMS, []))
    expect(screen.getByText('nothing')).toBeInTheDocument()
    await change.answer('begun')
    expect(told).toHaveBeenCalledTimes(1)
  })
})
