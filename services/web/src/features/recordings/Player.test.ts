import { describe, expect, it } from 'vitest'
import { Player, type Clock, type Stage } from './Player'

/** A stage that remembers what it was told, and a clock that goes when it is told. */
function theatre() {
  let now = 0
  let due: (() => void) | null = null
  const clock: Clock = {
    now: () => now,
    next: (call) => {
      due = call
      return () => {
        due = null
      }
    },
  }
  let screen = ''
  const sizes: string[] = []
  const stage: Stage = {
    resize: (cols, rows) => sizes.push(`${cols}x${rows}`),
    write: (text) => {
      screen += text
    },
    clear: () => {
      screen = ''
    },
  }
  const pass = (seconds: number) => {
    now += seconds * 1000
    const call = due
    due = null
    call?.()
  }
  return { player: new Player(stage, clock), pass, screen: () => screen, sizes }
}

const CAST = ['{"version":2,"width":80,"height":24}\n[1,"o","a"]\n[2,"i","x\\r"]\n', '[2,"o","b"]\n[12,"r","100x30"]\n[13,"o","c"]\n']

async function* pieces(list: readonly string[]) {
  yield* list
}

async function loaded() {
  const one = theatre()
  await one.player.load(pieces(CAST))
  return one
}

describe('Player', () => {
  it('plays what was recorded in its time, and ends', async () => {
    const { player, pass, screen, sizes } = await loaded()
    player.setBrief(false)
    expect(player.snapshot()).toMatchObject({ phase: 'ready', playing: true, length: 13 })
    pass(1.5)
    expect(screen()).toBe('a')
    pass(1)
    expect(screen()).toBe('ab')
    expect(player.snapshot().typed).toBe('x⏎')
    pass(20)
    expect(screen()).toBe('abc')
    expect(sizes).toEqual(['80x24', '100x30'])
    expect(player.snapshot()).toMatchObject({ playing: false, at: 13 })
    player.play()
    expect(screen(), 'from the beginning').toBe('')
  })

  it('cuts long pauses, and stays where it is when that changes', async () => {
    const { player, pass, screen } = await loaded()
    expect(player.snapshot().length).toBe(5)
    pass(4)
    expect(screen()).toBe('ab')
    player.setBrief(false)
    expect(player.snapshot().at, 'the change of size').toBe(12)
  })

  it('goes to any place, forwards and backwards', async () => {
    const { player, screen } = await loaded()
    player.pause()
    player.seek(4.9)
    expect(screen()).toBe('ab')
    player.seek(1)
    expect(screen()).toBe('a')
    expect(player.snapshot()).toMatchObject({ at: 1, typed: '' })
    player.seek(99)
    expect(screen()).toBe('abc')
  })

  it('goes faster from where it is, and waits while it is paused', async () => {
    const { player, pass, screen } = await loaded()
    pass(0.5)
    player.setSpeed(2)
    pass(0.25)
    expect(screen()).toBe('a')
    player.pause()
    expect(player.snapshot().at).toBeCloseTo(1)
    pass(10)
    expect(screen()).toBe('a')
  })

  it('shows nothing until the recording is there, and nothing when its rest does not come', async () => {
    const { player, pass, screen, sizes } = theatre()
    let goOn = (): void => undefined
    const held = new Promise<void>((resolve) => (goOn = resolve))
    async function* broken() {
      yield CAST[0] ?? ''
      await held
      throw new Error('The connection was lost.')
    }
    const loading = player.load(broken())
    // Controls that come too early do nothing.
    player.play()
    player.seek(2)
    pass(5)
    expect([player.snapshot().phase, player.snapshot().playing, screen(), sizes]).toEqual(['loading', false, '', []])
    goOn()
    await loading
    expect(player.snapshot()).toMatchObject({ phase: 'failed', error: new Error('The connection was lost.'), playing: false })
    expect(screen()).toBe('')
  })

  it('plays what there is of a recording that goes on', async () => {
    const { player, pass, screen } = theatre()
    // Its last line is being written.
    await player.load(pieces([CAST[0] ?? '', '[2,"o","b"]\n[3,"o","un']))
    pass(10)
    expect(screen()).toBe('ab')
    expect(player.snapshot()).toMatchObject({ playing: false, at: 2, length: 2 })
  })

  it('says why nothing is played', async () => {
    const { player } = theatre()
    await player.load(pieces([]))
    expect(player.snapshot()).toMatchObject({ phase: 'failed', error: new Error('The recording is empty.') })
  })
})
