/** What lies in a folder. */
export function joined(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}

/** The last part of a path; nothing for the root. */
export function nameIn(path: string): string {
  return path.split('/').at(-1) ?? ''
}

export interface Crumb {
  label: string
  path: string
}

/** Every folder on the way to a path, the root first. */
export function crumbsOf(path: string): Crumb[] {
  const crumbs: Crumb[] = [{ label: '/', path: '/' }]
  for (const label of path.split('/').filter((part) => part !== '')) {
    crumbs.push({ label, path: joined(crumbs.at(-1)?.path ?? '/', label) })
  }
  return crumbs
}

/** Where a link leads that lies in this folder; `..` is followed as it is written. */
export function resolved(folder: string, target: string): string {
  const parts: string[] = []
  for (const part of (target.startsWith('/') ? target : joined(folder, target)).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
