// slowLink.mjs PORT TARGET RATE: passes connections of 127.0.0.1:PORT on to 127.0.0.1:TARGET, and what comes back no
// faster than the file RATE says, in bytes a second; as it comes when that is empty.
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'

const [port, target, rateFile] = process.argv.slice(2)
/** So often a slow connection goes on. */
const PULSE_MS = 50

async function* slowed(source) {
  for await (const data of source) {
    for (let at = 0; at < data.length; ) {
      const rate = Number(readFileSync(rateFile, 'utf8'))
      const part = rate > 0 ? data.subarray(at, at + Math.ceil((rate * PULSE_MS) / 1000)) : data.subarray(at)
      yield part
      at += part.length
      if (rate > 0) await setTimeout(PULSE_MS)
    }
  }
}

const ignore = () => undefined

createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ host: '127.0.0.1', port: Number(target), allowHalfOpen: true })
  // Whoever breaks off ends both ways.
  pipeline(near, far).catch(ignore)
  pipeline(far, slowed, near).catch(() => far.destroy())
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening on\n'))
