import { expect, it } from 'vitest'
import { near } from './near'

const many = Array.from({ length: 100 }, (_, no) => ({ name: no < 60 ? `web-${no}` : `db-${no}` }))

it('offers commands for what is named', () => {
  expect(near(many, 'stop db-61').map(({ name }) => name)).toEqual(['db-61'])
  expect(near(many, 'restart web'), 'no more than can be read').toHaveLength(40)
})

it('offers them for all only while there are few', () => {
  expect(near(many, 'restart')).toEqual([])
  expect(near(many.slice(0, 3), 'restart')).toHaveLength(3)
})
