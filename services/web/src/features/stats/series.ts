import type { Sample } from './StatsStream'

/** A longer time between two samples is a gap, and is drawn as one. */
const GAP_MS = 2500

/** The samples of the newest `windowMs`, with an empty one in every gap. */
export function withGaps(samples: readonly Sample[], now: number, windowMs: number): Sample[] {
  const result: Sample[] = []
  for (const sample of samples) {
    if (sample.at < now - windowMs) continue
    const before = result.at(-1)
    if (before !== undefined && sample.at - before.at > GAP_MS) result.push(emptySample(before.at + 1000))
    result.push(sample)
  }
  return result
}

function emptySample(at: number): Sample {
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
