import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Layers, X } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '@/features/auth'
import { imageName } from '@/format/names'
import { bytes } from '@/format/numbers'
import { joinWords } from '@/format/words'
import { Ago } from '@/ui/Ago'
import { Copy } from '@/ui/Copy'
import { Fact, Facts } from '@/ui/Facts'
import { failureToast } from '@/ui/failureToast'
import { Missing } from '@/ui/Missing'
import { Page } from '@/ui/Page'
import { PlainTable } from '@/ui/PlainTable'
import { Skeleton } from '@/ui/States'
import { UpdateFact } from '@/ui/UpdateTag'
import { UsedByList } from '@/ui/UsedByList'
import { historyQuery, imageQuery, useUntagImage, type ImageDetails } from '../api/images'
import { ImageActions, type Intent } from '../components/ImageActions'
import { ImageDialogs } from '../components/ImageDialogs'
import { titleOf } from '../model'

const route = getRouteApi('/_app/hosts/$host/images/$id')

/** One image: what it is, how it was made, who uses it. */
export default function ImagePage() {
  const { host, id } = route.useParams()
  const navigate = useNavigate()
  const image = useQuery(imageQuery({ host, id }))
  const [intent, setIntent] = useState<Intent | null>(null)
  const data = image.data
  return (
    <Page
      title={data === undefined ? id.slice(0, 19) : titleOf(data)}
      crumbs={[{ label: 'Images', to: '/images' }, { label: host, to: `/hosts/${host}` }]}
      status={data !== undefined && <span className="dl-dim dl-wide-only">{bytes(data.size_bytes)}</span>}
      actions={data !== undefined && <ImageActions image={data} onIntent={setIntent} place="header" />}
      fill
    >
      {image.isPending && <Skeleton rows={8} />}
      {image.isError && data === undefined && (
        <Missing what="image" icon={<Layers size={20} />} back={{ label: 'Go to the images', to: '/images' }} error={image.error} onRetry={() => void image.refetch()} />
      )}
      {data !== undefined && <Details image={data} />}
      <ImageDialogs intent={intent} host={host} onClose={() => setIntent(null)} onRemoved={() => void navigate({ to: '/images' })} />
    </Page>
  )
}

function Details({ image }: { image: ImageDetails }) {
  const hidden = image.secrets_hidden ? 'hidden from your role' : null
  return (
    <div className="dl-scroll dl-padded dl-stack">
      <div className="dl-columns dl-columns-packed">
        <Facts title="Image">
          <dl className="dl-facts">
            <Fact name="ID" mono>
              {image.id.slice(0, 19)} <Copy text={image.id} label="Copy the ID" />
            </Fact>
            <Fact name="Built">
              <Ago at={image.created_at} />
            </Fact>
            <Fact name="Platform">
              {image.operating_system}/{image.architecture}
            </Fact>
            <Fact name="Size">{bytes(image.size_bytes)}</Fact>
            <Fact name="Newer one">
              <UpdateFact update={image.update} />
            </Fact>
            <Fact name="Layers">{image.layers.length}</Fact>
            <Fact name="Author">{image.author}</Fact>
            <Fact name="Comment">{image.comment}</Fact>
          </dl>
        </Facts>
        <Facts title="What it runs">
          <dl className="dl-facts">
            <Fact name="Entry point" mono>
              {hidden ?? joinWords(image.entrypoint)}
            </Fact>
            <Fact name="Command" mono>
              {hidden ?? joinWords(image.command)}
            </Fact>
            <Fact name="Working folder" mono>
              {image.working_dir}
            </Fact>
            <Fact name="User" mono>
              {image.user}
            </Fact>
            <Fact name="Ports" mono>
              {image.exposed_ports.join(', ')}
            </Fact>
            <Fact name="Volumes" mono>
              {image.volumes.join(', ')}
            </Fact>
            <Fact name="Stop signal">{image.stop_signal}</Fact>
          </dl>
        </Facts>
        <Names image={image} />
        <UsedByList host={image.host} containers={image.containers} />
      </div>
      <History host={image.host} id={image.id} />
      <div className="dl-columns dl-columns-wide">
        <Facts title="Environment">
          <PlainTable
            head={['Name', 'Value']}
            rows={image.env.map(({ name, value }) => [name, image.secrets_hidden ? 'hidden' : value])}
            none="It sets no variables."
          />
        </Facts>
        <Facts title="Labels">
          <PlainTable head={['Name', 'Value']} rows={Object.entries(image.labels)} none={image.secrets_hidden ? 'Your role does not show labels.' : 'It has no labels.'} />
        </Facts>
      </div>
    </div>
  )
}

function Names({ image }: { image: ImageDetails }) {
  const manage = useCan()('images.manage')
  const untag = useUntagImage()
  return (
    <Facts title="Names">
      <ul className="dl-list dl-names">
        {image.tags.map((tag) => (
          <li key={tag}>
            <span className="dl-mono">{imageName(tag)}</span>
            {manage && image.tags.length > 1 && (
              <button
                type="button"
                className="btn btn-ghost btn-icon btn-sm"
                aria-label={`Take away the name ${imageName(tag)}`}
                title="Take this name away"
                onClick={() => {
                  untag.mutateAsync({ host: image.host, id: image.id, reference: tag }).catch((error: unknown) => failureToast(`Could not take away ${tag}`, error))
                }}
              >
                <X size={14} aria-hidden />
              </button>
            )}
          </li>
        ))}
        {image.digests.map((digest) => (
          <li key={digest} className="dl-dim">
            <span className="dl-mono dl-ellipsis" title={digest}>
              {imageName(digest)}
            </span>
            <Copy text={digest} label="Copy the digest" />
          </li>
        ))}
      </ul>
      {image.tags.length + image.digests.length === 0 && <p className="dl-dim">It has no name.</p>}
    </Facts>
  )
}

function History({ host, id }: { host: string; id: string }) {
  const history = useQuery(historyQuery({ host, id }))
  if (history.data === undefined) return history.isPending ? <Skeleton rows={4} /> : null
  const { items, secrets_hidden } = history.data
  return (
    <Facts title="How it was made">
      <PlainTable
        head={['Step', 'Size', 'Instruction']}
        rows={items.map((step, index) => [
          String(items.length - index),
          step.size_bytes === 0 ? null : bytes(step.size_bytes),
          secrets_hidden ? 'hidden from your role' : (step.created_by ?? step.comment),
        ])}
        none="Nothing is known of it."
      />
    </Facts>
  )
}
