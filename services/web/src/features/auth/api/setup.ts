import { api, unwrap } from '@/api/client'

/** Whether the product still waits for its first administrator. */
export async function setupRequired(): Promise<boolean> {
  return (await unwrap(api.GET('/api/v1/setup'))).required
}
