import { useQuery } from '@tanstack/react-query'
import { imageName } from '@/format/names'
import { imagesQuery } from '../api/images'

/** The names of a host's images, to choose from while one is typed. */
export function ImageOptions({ id, host }: { id: string; host: string }) {
  const images = useQuery(imagesQuery).data?.items ?? []
  return (
    <datalist id={id}>
      {images
        .filter((image) => image.host === host)
        .flatMap(({ tags }) => tags)
        .map((tag) => (
          <option key={tag} value={imageName(tag)} />
        ))}
    </datalist>
  )
}
