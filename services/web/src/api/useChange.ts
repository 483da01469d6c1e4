import { useMutation, useQueryClient, type QueryKey, type UseMutationOptions } from '@tanstack/react-query'

type Options<Variables, Answer> = Omit<UseMutationOptions<Answer, Error, Variables>, 'mutationFn' | 'onSettled'> & {
  /** It is pending until that has been read again: for what stays on the page, and would offer the same once more before. */
  untilRead?: boolean
}

/** What is told of a change even when the page that asked for it is gone. */
export type Notices<Variables, Answer> = Pick<Options<Variables, Answer>, 'onSuccess' | 'onError'>

/**
 * A change after which other things are stale, whatever comes of it. Nobody waits for the reading: it may take away who asked,
 * and what is handed to `mutate` is called only at the very end and while who asked is there. So with `untilRead`, and wherever
 * something else may take it away, notices are handed to the hook, or follow `mutateAsync`.
 */
export function useChange<Variables, Answer>(
  stale: readonly QueryKey[] | ((variables: Variables) => readonly QueryKey[]),
  change: (variables: Variables) => Promise<Answer>,
  { untilRead = false, ...options }: Options<Variables, Answer> = {},
) {
  const queries = useQueryClient()
  return useMutation({
    ...options,
    mutationFn: change,
    onSettled: (_answer, _error, variables) => {
      const keys = typeof stale === 'function' ? stale(variables) : stale
      const read = Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })))
      return untilRead ? read : undefined
    },
  })
}
