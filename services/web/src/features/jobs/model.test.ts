import { describe, expect, it } from 'vitest'
import { isPassed, isRepeatable, progressOf, remainingMs, shareOf, titleOf, wayBack, type Step } from './model'

const step = (current: number | null, total: number | null): Step => ({ id: 's', text: '', current, total, unit: 'bytes' })
const job = (...steps: Step[]) => ({ state: 'running' as const, progress: { steps, message: '', output: '' }, started_at: '2026-01-01T00:00:00Z' })

describe('shareOf', () => {
  it('is known where a size is', () => {
    expect(shareOf(step(5, 10))).toBe(0.5)
    expect(shareOf(step(20, 10))).toBe(1)
    expect(shareOf(step(5, null))).toBeNull()
    expect(shareOf(step(0, 0))).toBeNull()
  })
  it('is whole when the engine says that the part is through', () => {
    const said = (text: string) => shareOf({ ...step(null, null), text })
    expect(['Pull complete', 'Layer already exists', 'Started', 'Mounted from library/busybox'].map(said)).toEqual([1, 1, 1, 1])
    expect(['Starting', 'Pulling fs layer', 'Verifying Checksum'].map(said)).toEqual([null, null, null])
  })
})

describe('progressOf', () => {
  it('weighs steps by their size', () => {
    expect(progressOf(job(step(10, 10), step(0, 90)))).toBe(0.1)
  })
  it('counts steps of unknown size as average ones', () => {
    expect(progressOf(job(step(50, 50), step(null, null)))).toBe(0.5)
  })
  it('counts the steps that are through where none has a size', () => {
    const said = (text: string) => ({ ...step(null, null), text })
    expect(progressOf(job(said('Started'), said('Starting')))).toBe(0.5)
    expect(progressOf(job(step(30, 90), said('Already exists')))).toBeCloseTo(2 / 3)
  })
  it('is not known before any size is', () => {
    expect(progressOf(job(step(null, null)))).toBeNull()
    expect(progressOf(job())).toBeNull()
  })
  it('is what a build has behind it', () => {
    const built = (text: string) => progressOf(job({ ...step(null, null), text }))
    expect([built('Step 1/4 : FROM busybox'), built('Step 3/4 : RUN make'), built('no step')]).toEqual([0, 0.5, null])
  })
  it('is whole when the job is done', () => {
    expect(progressOf({ ...job(), state: 'succeeded' })).toBe(1)
  })
})

describe('remainingMs', () => {
  const at = Date.parse('2026-01-01T00:00:10Z')
  it('goes by the pace so far', () => {
    expect(remainingMs(job(step(20, 100)), at)).toBe(40_000)
  })
  it('says nothing at the begin, nor behind the end', () => {
    expect(remainingMs(job(step(1, 100)), at)).toBeNull()
    expect(remainingMs(job(step(20, 100)), at - 9000)).toBeNull()
    expect(remainingMs(job(step(100, 100)), at)).toBeNull()
    expect(remainingMs({ ...job(step(20, 100)), state: 'failed' }, at)).toBeNull()
  })
})

it('titles say what is done to what', () => {
  expect(titleOf({ kind: 'image.pull', subject: 'nginx' })).toBe('Pull nginx')
  expect(titleOf({ kind: 'stack.deploy', subject: 'web' })).toBe('Deploy web')
  expect(titleOf({ kind: 'moon.landing', subject: 'web' })).toBe('moon.landing web')
})

describe('a recreated container', () => {
  const [now, before, id] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`, 'c'.repeat(64)]
  const said = (name: string, text: string): Step => ({ ...step(null, null), id: name, text })
  const recreated = (...steps: Step[]) => ({ kind: 'container.recreate', host: 'local', state: 'succeeded' as const, progress: { steps, message: '', output: '' } })

  it('goes from step to step behind the layers of its image', () => {
    const job = recreated(said('1f3e46996e29', 'Downloading'), said('pull', 'pulled'), said('create', 'making it'))
    expect([0, 1, 2].map((index) => isPassed(job, index))).toEqual([true, true, false])
    expect(isPassed(recreated(said('1', 'Downloading'), said('2', 'Downloading')), 0)).toBe(false)
  })

  it('can be made of its old image again', () => {
    expect(wayBack(recreated(said('container', id), said('image', `${now} was ${before}`)))).toEqual({ host: 'local', id, image: before })
    expect(wayBack(recreated(said('container', id), said('image', `${now} was ${now}`)))).toBeNull()
    expect(wayBack({ ...recreated(said('container', id), said('image', `${now} was ${before}`)), state: 'failed' })).toBeNull()
  })
})

it('builds are not repeated, nor is what went well', () => {
  expect(isRepeatable({ kind: 'image.pull', state: 'failed' })).toBe(true)
  expect(isRepeatable({ kind: 'image.pull', state: 'succeeded' })).toBe(false)
  expect(isRepeatable({ kind: 'image.build', state: 'failed' })).toBe(false)
})
