import { matcher, type Matcher, type WorkerAnswer, type WorkerRequest } from './matcher'

// Searching happens here, because an expression can take for ever and only a worker can be killed.

let match: Matcher = () => null

function answer(message: WorkerAnswer): void {
  postMessage(message)
}

onmessage = (event: MessageEvent<WorkerRequest>) => {
  const request = event.data
  if ('pattern' in request) {
    try {
      match = matcher(request.pattern)
      answer({ ready: true })
    } catch (error) {
      answer({ invalid: error instanceof Error ? error.message : String(error) })
    }
    return
  }
  const kept: number[] = []
  const marks: number[][] = []
  request.texts.forEach((text, index) => {
    const found = match(text)
    if (found === null) return
    kept.push(index)
    marks.push(found)
  })
  answer({ batch: request.batch, kept, marks })
}
