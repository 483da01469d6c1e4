/** What stands in the palette's field while nothing is typed. */
export const PLACEHOLDER = 'Find a page, a container or an action'
