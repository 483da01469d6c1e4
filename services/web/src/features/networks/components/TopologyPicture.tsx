import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { plural } from '@/format/numbers'
import type { Topology } from '../api/networks'
import { layOut, type Node } from '../topology'

interface TopologyPictureProps {
  host: string
  topology: Topology
}

/** Which container is in which network. What is pointed at, or has the focus, stands out with its lines. */
export function TopologyPicture({ host, topology }: TopologyPictureProps) {
  const picture = useMemo(() => layOut(topology), [topology])
  const [lit, setLit] = useState<string | null>(null)
  const touched = (id: string) =>
    lit === null || lit === id || picture.lines.some(({ network, container }) => (network === lit && container === id) || (container === lit && network === id))
  const hands = (id: string) => ({ onPointerEnter: () => setLit(id), onPointerLeave: () => setLit(null), onFocus: () => setLit(id), onBlur: () => setLit(null) })
  return (
    <figure className="dl-topology" aria-label={`Networks of ${host}`} style={{ height: picture.height }}>
      <svg aria-hidden width="100%" height={picture.height} viewBox={`0 0 100 ${picture.height}`} preserveAspectRatio="none">
        {picture.lines.map(({ key, network, container, from, to }) => (
          <path
            key={key}
            d={`M0 ${from} C50 ${from} 50 ${to} 100 ${to}`}
            className={lit === null ? undefined : lit === network || lit === container ? 'dl-lit' : 'dl-unlit'}
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      <ul aria-label="Networks">
        {picture.networks.map((node) => (
          <NodeBox key={node.id} node={node} lit={touched(node.id)} note={`${node.note} · ${plural(countOf(picture.lines, node.id), 'container')}`}>
            <Link to="/hosts/$host/networks/$id" params={{ host, id: node.id }} {...hands(node.id)} title={node.name}>
              {node.name}
            </Link>
          </NodeBox>
        ))}
      </ul>
      <ul aria-label="Containers">
        {picture.containers.map((node) => (
          <NodeBox key={node.id} node={node} lit={touched(node.id)} note={noteOf(node, picture.lines, lit)}>
            <Link to="/hosts/$host/containers/$id/overview" params={{ host, id: node.id }} {...hands(node.id)} title={node.name}>
              {node.name}
            </Link>
          </NodeBox>
        ))}
      </ul>
    </figure>
  )
}

interface NodeBoxProps {
  node: Node
  lit: boolean
  note: string
  children: React.ReactNode
}

function NodeBox({ node, lit, note, children }: NodeBoxProps) {
  return (
    <li style={{ top: node.y }} data-alive={node.alive} data-lit={lit}>
      {children}
      <span title={note}>{note}</span>
    </li>
  )
}

type Lines = ReturnType<typeof layOut>['lines']

function countOf(lines: Lines, network: string): number {
  return lines.filter((line) => line.network === network).length
}

/** A container's address in the network that is pointed at, else its only one, else its state. */
function noteOf(node: Node, lines: Lines, lit: string | null): string {
  const own = lines.filter(({ container }) => container === node.id)
  const line = own.find(({ network }) => network === lit) ?? (own.length === 1 ? own[0] : undefined)
  return line?.address ?? (own.length > 1 ? `in ${plural(own.length, 'network')}` : node.note)
}
