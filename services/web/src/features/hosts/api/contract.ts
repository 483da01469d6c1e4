import type { Schema } from '@/api/client'

/** A Docker host, and whether its engine answers. */
export type Host = Schema<'HostStatus'>
export type NewHost = Schema<'CreateHost'>
/** What is absent stays as it is; `tls: null` forgets the certificates. */
export type HostUpdate = Schema<'UpdateHost'>
export type TryHost = Schema<'TryHost'>
export type HostTls = Schema<'HostTls'>
export type HostSsh = Schema<'HostSsh'>
/** How trying a host ended. */
export type HostTrial = Schema<'HostTrial'>
