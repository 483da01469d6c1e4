import type { Sample } from './StatsStream'

const SECOND_MS = 1000

/** A longer time between two samples is a gap. As measured they come a little early or late; averages have their places. */
function gapMs(stepMs: number): number {
  return stepMs * (stepMs === SECOND_MS ? 2.5 : 1.5)
}

/** The samples since `from`, with an empty one in every gap, so that the line breaks. */
export function withGaps(samples: readonly Sample[], from: number, stepMs = SECOND_MS): Sample[] {
  const gap = gapMs(stepMs)
  const result: Sample[] = []
  for (const sample of samples) {
    if (sample.at < from) continue
    const before = result.at(-1)
    if (before !== undefined && sample.at - before.at > gap) result.push(emptySample(before.at + stepMs))
    result.push(sample)
  }
  return result
}

/** The history, and behind it what came live since, in the history's steps. */
export function joined(history: readonly Sample[], live: readonly Sample[], stepMs: number): Sample[] {
  const last = history.at(-1)?.at ?? -Infinity
  return [...history, ...averages(live, stepMs).filter(({ at }) => at > last)]
}

/** One sample per step, as the server makes them: the averages of what is known from the step's time on. */
export function averages(samples: readonly Sample[], stepMs: number): readonly Sample[] {
  if (stepMs === SECOND_MS) return samples
  const steps = new Map<number, Sample[]>()
  for (const sample of samples) {
    const at = Math.floor(sample.at / stepMs) * stepMs
    const step = steps.get(at)
    if (step === undefined) steps.set(at, [sample])
    else step.push(sample)
  }
  return [...steps].map(([at, step]) => {
    const result = emptySample(at)
    for (const name of AVERAGED) result[name] = mean(step.map((sample) => sample[name]))
    result.memoryLimit = step.at(-1)?.memoryLimit ?? null
    return result
  })
}

const AVERAGED = ['cpu', 'memory', 'receivedRate', 'sentRate', 'readRate', 'writtenRate', 'pids'] as const

function mean(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

export function emptySample(at: number): Sample {
  return {
    at,
    cpu: null,
    memory: null,
    memoryLimit: null,
    memoryPercent: null,
    received: null,
    sent: null,
    receivedRate: null,
    sentRate: null,
    read: null,
    written: null,
    readRate: null,
    writtenRate: null,
    pids: null,
  }
}

/** The end of a scale: a little above the highest value, on a round number. */
export function scaleEnd(highest: number, atLeast: number): number {
  const wanted = Math.max(highest * 1.1, atLeast)
  const power = 10 ** Math.floor(Math.log10(wanted))
  const step = [1, 2, 2.5, 5, 10].find((each) => each * power >= wanted) ?? 10
  return step * power
}

/** The same for bytes, on a power of 1024 times a round number. */
export function byteScaleEnd(highest: number, atLeast: number): number {
  const unit = 1024 ** Math.floor(Math.log(Math.max(highest, atLeast, 1)) / Math.log(1024))
  return scaleEnd(highest / unit, atLeast / unit) * unit
}
