import { act, renderHook } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { ApiError } from '@/api/errors'
import { testHost } from '../testHost'
import { serverProblem, unplaced, useHostForm } from './useHostForm'

const wrong = (...fields: string[]) =>
  new ApiError(422, { code: 'invalid_fields', message: 'Some fields are wrong.', fields: fields.map((field) => ({ field, message: `${field} is wrong` })) })
const TLS = testHost({ address: 'tcp://192.0.2.10:2376', security: 'tls' })

describe('useHostForm', () => {
  it('judges nothing while somebody still fills it in', () => {
    const { result } = renderHook(() => useHostForm(null))
    expect(result.current.problem('id')).toBeUndefined()
    act(() => result.current.check('connection'))
    expect([result.current.problem('id'), result.current.problem('address')]).toEqual([undefined, expect.any(String)])
    act(() => result.current.check('everything'))
    expect(result.current.problem('id')).toMatch(/lower-case/)
  })

  it('shows what the server said at its field, until that is changed', () => {
    const { result } = renderHook(() => useHostForm(null))
    act(() => result.current.refuse(wrong('tls.key', 'address')))
    expect(result.current.problem('tls.key')).toBe('tls.key is wrong')
    act(() => result.current.change({ key: 'another' }, 'tls.key'))
    expect([result.current.problem('tls.key'), result.current.problem('address')]).toEqual([undefined, 'address is wrong'])
    act(() => result.current.type('192.0.2.10'))
    expect(result.current.problem('address')).toBeUndefined()
  })

  it('opens the secrets when the server wants them again', () => {
    const { result } = renderHook(() => useHostForm(TLS))
    expect(result.current.form.replace).toBe(false)
    act(() => result.current.refuse(wrong('tls')))
    expect(result.current.form.replace).toBe(true)
    expect(result.current.problem('tls')).toBe('tls is wrong')
  })

  it('follows a scheme that was pasted', () => {
    const { result } = renderHook(() => useHostForm(null))
    act(() => result.current.type('ssh://deploy@192.0.2.10'))
    expect(result.current.form).toMatchObject({ kind: 'ssh', address: 'deploy@192.0.2.10' })
  })
})

describe('answers of the server', () => {
  it('say at the name that it is taken', () => {
    const taken = new ApiError(409, { code: 'host_exists', message: 'There is such a host.' })
    expect(serverProblem(taken, 'id')).toBe('There is such a host.')
    expect([unplaced(taken), unplaced(wrong('labels', 'ssh.host_key'))]).toEqual([null, null])
  })

  it('are shown below the form when no field does', () => {
    const other = new ApiError(409, { code: 'host_changed', message: 'Somebody else changed it.' })
    expect(unplaced(other)).toBe(other)
    const partly = wrong('address', 'enabled')
    expect(unplaced(partly)).toBe(partly)
    expect(unplaced(null)).toBeNull()
  })
})
