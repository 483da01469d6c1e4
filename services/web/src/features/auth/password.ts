export const MIN_PASSWORD = 12
export const MAX_PASSWORD = 256

/** What is wrong with a new password; undefined when nothing is. */
export function passwordProblem(password: string): string | undefined {
  if (password.length < MIN_PASSWORD) return `Use at least ${MIN_PASSWORD} characters.`
  if (password.length > MAX_PASSWORD) return `Use at most ${MAX_PASSWORD} characters.`
  return undefined
}

/** What is wrong with a username; the rule is the server's. */
export function usernameProblem(username: string): string | undefined {
  return /^[a-z0-9][a-z0-9._@-]{1,63}$/.test(username)
    ? undefined
    : 'Use 2 to 64 lower-case letters, digits, “.”, “_”, “-” or “@”, beginning with a letter or digit.'
}

/** 0 (too short) to 4 (strong): length counts most, variety and repetition a little. */
export function passwordStrength(password: string): number {
  if (password.length < MIN_PASSWORD) return 0
  const distinct = new Set(password).size
  if (distinct < 5) return 1
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length
  const score = 1 + Number(password.length >= 16) + Number(kinds >= 3 || password.length >= 20) + Number(distinct >= 12)
  return Math.min(4, score)
}
