import { expect, it } from 'vitest'
import { commandOf, outcomeOf } from './model'

it('says how a recording ended', () => {
  expect(outcomeOf({ state: 'recording', ended: null, exit_code: null })).toEqual({ word: 'recording', tone: 'blue' })
  expect(outcomeOf({ state: 'unfinished', ended: null, exit_code: null })).toEqual({ word: 'broken off', tone: 'amber' })
  expect(outcomeOf({ state: 'finished', ended: 'exited', exit_code: 0 })).toEqual({ word: 'exited 0', tone: 'grey' })
  expect(outcomeOf({ state: 'finished', ended: 'exited', exit_code: 3 })).toEqual({ word: 'exited 3', tone: 'red' })
  expect(outcomeOf({ state: 'finished', ended: 'recording_full', exit_code: null })).toEqual({ word: 'recording full', tone: 'amber' })
  expect(outcomeOf({ state: 'finished', ended: 'client_left', exit_code: null }).tone).toBe('grey')
})

it('names what ran', () => {
  expect(commandOf({ command: null, readable: true })).toBe('the container’s shell')
  expect(commandOf({ command: ['sh', '-c', 'id'], readable: true })).toBe('sh -c id')
  expect(commandOf({ command: null, readable: false })).toBe('unknown')
})
