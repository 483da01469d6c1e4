import { fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { describe, expect, it } from 'vitest'
import { PemField } from './PemField'

function Page({ error }: { error?: string }) {
  const [value, setValue] = useState('')
  return <PemField label="Client key" placeholder="-----BEGIN PRIVATE KEY-----" value={value} onValue={setValue} error={error} />
}

const chooser = () => document.querySelector<HTMLInputElement>('[data-file="Client key"]') as HTMLInputElement

describe('PemField', () => {
  it('takes what is pasted, and what is in a chosen file', async () => {
    render(<Page />)
    const field = screen.getByLabelText('Client key')
    fireEvent.change(field, { target: { value: 'pasted' } })
    expect(field).toHaveValue('pasted')
    fireEvent.change(chooser(), { target: { files: [new File(['from a file'], 'key.pem')] } })
    expect(await screen.findByDisplayValue('from a file')).toBe(field)
  })

  it('takes a file that is dropped on it', async () => {
    render(<Page />)
    fireEvent.drop(screen.getByLabelText('Client key'), { dataTransfer: { files: [new File(['dropped'], 'key.pem')] } })
    expect(await screen.findByDisplayValue('dropped')).toBeVisible()
  })

  it('refuses a file that can be no key, and says so at the field', async () => {
    render(<Page error="This is a certificate." />)
    const field = screen.getByLabelText('Client key')
    expect(field).toHaveAccessibleDescription('This is a certificate.')
    fireEvent.change(chooser(), { target: { files: [new File(['x'.repeat(65 * 1024)], 'disk.img')] } })
    expect(await screen.findByText(/disk.img is larger than 64 KiB/)).toBeVisible()
    expect(field).toHaveValue('')
    expect(field).toBeInvalid()
  })
})
