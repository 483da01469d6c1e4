import { QueryClient } from '@tanstack/react-query'
import { isTransient } from '@/api/errors'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (failures, error) => failures < 2 && isTransient(error),
      retryDelay: (attempt) => Math.min(4000, 400 * 2 ** attempt),
      // Whether the browser thinks that it is online says little about a server in the same house.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})
