/** The 12 digits that the docker CLI shows. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}

/** An image's name without its registry's default parts, and its digest cut short. */
export function imageName(image: string): string {
  const plain = image.replace(/^docker\.io\/(library\/)?/, '')
  return plain.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*$/, '$1').replace(/@sha256:([0-9a-f]{12})[0-9a-f]*$/, '@$1')
}

/** An image's name without the address of its registry, for narrow columns. */
export function imageWithoutRegistry(image: string): string {
  return imageName(image).replace(/^[^/]*[.:][^/]*\//, '')
}

/** A text with the full IDs in it cut to the docker CLI's 12 digits. */
export function withShortIds(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1')
}

/** The registry that an image's name leads to; Docker Hub's where it names none. */
export function registryOf(image: string): string {
  const slash = image.indexOf('/')
  const first = image.slice(0, Math.max(0, slash))
  return /[.:]/.test(first) || first === 'localhost' ? first : 'docker.io'
}
