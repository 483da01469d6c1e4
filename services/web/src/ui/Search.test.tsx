import { act, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Search } from './Search'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function setup() {
  const sent: string[] = []
  let setOutside: (value: string) => void = () => undefined
  function Page() {
    const [value, setValue] = useState('')
    setOutside = setValue
    const take = (text: string) => {
      sent.push(text)
      setValue(text)
    }
    return <Search label="Find" value={value} debounceMs={100} onValue={take} />
  }
  render(<Page />)
  const input = screen.getByLabelText<HTMLInputElement>('Find')
  const type = (text: string) => fireEvent.change(input, { target: { value: text } })
  const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms))
  return { input, type, wait, sent, outside: (value: string) => act(() => setOutside(value)) }
}

describe('Search', () => {
  it('waits for a pause in typing', () => {
    const { input, type, wait, sent } = setup()
    type('a')
    wait(60)
    type('ab')
    wait(60)
    expect(sent).toEqual([])
    wait(60)
    expect(sent).toEqual(['ab'])
    expect(input.value).toBe('ab')
  })

  it('keeps what is typed while an earlier value arrives', () => {
    const { input, type, wait } = setup()
    type('a')
    wait(100)
    type('ab')
    expect(input.value).toBe('ab')
    wait(100)
    expect(input.value).toBe('ab')
  })

  it('gives way to a value from outside', () => {
    const { input, type, wait, outside } = setup()
    type('a')
    wait(100)
    outside('')
    expect(input.value).toBe('')
  })

  it('clears with Escape', () => {
    const { input, type, wait, sent } = setup()
    type('a')
    wait(100)
    fireEvent.keyDown(input, { key: 'Escape' })
    expect(sent).toEqual(['a', ''])
  })
})
