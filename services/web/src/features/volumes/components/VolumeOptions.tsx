import { useQuery } from '@tanstack/react-query'
import { volumesQuery } from '../api/volumes'

/** The names of a host's volumes, to choose from while one is typed. */
export function VolumeOptions({ id, host }: { id: string; host: string }) {
  const volumes = useQuery(volumesQuery).data?.items ?? []
  return (
    <datalist id={id}>
      {volumes
        .filter((volume) => volume.host === host)
        .map(({ name }) => (
          <option key={name} value={name} />
        ))}
    </datalist>
  )
}
