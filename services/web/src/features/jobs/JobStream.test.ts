import { describe, expect, it, vi } from 'vitest'
import { fakeConnect } from '@/api/ws/FakeSocket'
import { JobStream } from './JobStream'

describe('JobStream', () => {
  it('holds the job as it was sent last, and nothing that is no job', async () => {
    const { connect, last } = fakeConnect()
    const stream = new JobStream('j1', connect)
    await vi.waitFor(() => expect(last().url.pathname).toBe('/ws/jobs/j1'))
    const heard = vi.fn()
    stream.subscribe(heard)
    last().opens()
    expect(stream.job()).toBeNull()
    last().sends({ type: 'heartbeat' })
    last().sends({ type: 'job', id: 'j1', state: 'running' })
    expect(heard).not.toHaveBeenCalled()
    last().sends({ type: 'job', id: 'j1', state: 'running', subject: 'nginx', progress: { steps: [], message: 'pulling' } })
    expect(stream.job()).toMatchObject({ subject: 'nginx', progress: { message: 'pulling' } })
    expect(heard).toHaveBeenCalledOnce()
    stream.stop()
  })
})
