import { act, render, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeConnect } from './FakeSocket'
import { SharedStreams } from './shared'
import { useShared } from './useShared'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function setup() {
  const fake = fakeConnect()
  const streams = new SharedStreams((key) => {
    const socket = fake.connect({ path: `/ws/${key}`, query: () => ({}), onFrame: () => undefined, onConnection: () => undefined })
    socket.start()
    return socket
  }, 1000)
  function Viewer({ of }: { of: string }) {
    return <p>{useShared(streams, of) === null ? 'nothing' : `a stream of ${of}`}</p>
  }
  return { ...fake, Viewer, live: () => fake.sockets.filter((socket) => !socket.closed) }
}

const tick = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

describe('useShared', () => {
  it('keeps one live socket under StrictMode', async () => {
    const { Viewer, sockets } = setup()
    render(
      <StrictMode>
        <Viewer of="logs" />
      </StrictMode>,
    )
    await tick(5000)
    expect(screen.getByText('a stream of logs')).toBeInTheDocument()
    expect(sockets).toHaveLength(1)
    expect(sockets[0]?.closed).toBe(false)
  })

  it('shares one socket between two viewers, and closes it after the last', async () => {
    const { Viewer, sockets, live } = setup()
    const view = render(
      <>
        <Viewer of="logs" />
        <Viewer of="logs" />
      </>,
    )
    await tick(0)
    view.rerender(<Viewer of="logs" />)
    await tick(5000)
    expect(live()).toHaveLength(1)
    view.unmount()
    await tick(900)
    expect(live()).toHaveLength(1)
    await tick(200)
    expect(live()).toHaveLength(0)
    expect(sockets).toHaveLength(1)
  })

  it('keeps one idle socket at most, however quickly the keys change', async () => {
    const { Viewer, sockets, live } = setup()
    const view = render(<Viewer of="0" />)
    for (let key = 1; key < 8; key++) {
      await tick(0)
      view.rerender(<Viewer of={String(key)} />)
    }
    await tick(0)
    expect(sockets).toHaveLength(8)
    expect(live().map((socket) => socket.url.pathname)).toEqual(['/ws/6', '/ws/7'])
    view.unmount()
  })

  it('opens another socket for another key only', async () => {
    const { Viewer, sockets, live } = setup()
    const view = render(<Viewer of="one" />)
    await tick(0)
    view.rerender(<Viewer of="two" />)
    await tick(5000)
    expect(sockets.map((socket) => socket.url.pathname)).toEqual(['/ws/one', '/ws/two'])
    expect(live()).toHaveLength(1)
    view.unmount()
  })
})
