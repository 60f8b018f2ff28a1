import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import { listenEndpoint } from '../../config/listen-endpoint.js';
import { serverTlsSchema, type ServerTlsConfig } from '../../security/server-tls.js';
import { tenantLimitsSchema, type TenantLimitsConfig } from '../requests/tenant-limits.js';

const MIB = 2 ** 20;

/** Settings that receivers of pushes over HTTP have in common; `endpoint` is theirs. */
export const pushSettings = {
  max_request_body_size: byteSize({ min: 1, max: 1024 * MIB }).default(16 * MIB).describe('Size of one body, before decompression.'),
  max_decompressed_size: byteSize({ min: 1, max: 1024 * MIB }).default(32 * MIB).describe('Size of one body, after decompression.'),
  max_connections: z.int().min(1).default(1000).describe('Connections at once, on its own endpoint.'),
  read_timeout: duration({ minMs: 1 }).default(60_000).describe('A whole request must have arrived within it.'),
  allowed_hosts: z.array(z.string()).default([]).describe('Host names, besides loopback ones, that requests to its own endpoint may name; `*` for any. On an address other than loopback any is accepted unless some are listed.'),
  tls: serverTlsSchema.optional(),
  tenant_limits: tenantLimitsSchema.prefault({}),
  auth: refused('who may send is told by tokens: make them with `signalbox token create`, and demand them on loopback too with auth.required: true.'),
  cors: refused('pages send OTLP: receivers.otlp.protocols.http.cors.'),
  middlewares: refused('let a proxy do it, in front of the endpoint.'),
  response_headers: refused('let a proxy do it, in front of the endpoint.'),
  include_metadata: withoutEffect('the tenant alone is kept.'),
  compression_algorithms: withoutEffect('gzip, deflate and snappy are taken where the protocol has them.'),
  read_header_timeout: withoutEffect('read_timeout holds for the whole request.'),
  write_timeout: withoutEffect('answers are small.'),
  idle_timeout: withoutEffect('connections without requests are closed by themselves.'),
  keep_alives_enabled: withoutEffect('connections are kept for further requests.'),
} as const;

export interface PushSettings {
  readonly endpoint?: string | undefined;
  readonly max_request_body_size: number;
  readonly max_decompressed_size: number;
  readonly max_connections: number;
  readonly read_timeout: number;
  readonly allowed_hosts: readonly string[];
  readonly tls?: ServerTlsConfig | undefined;
  readonly tenant_limits: TenantLimitsConfig;
}

export const ownEndpoint = () => listenEndpoint().optional().describe('Where it listens besides the query port (4319); nowhere unless set.');
