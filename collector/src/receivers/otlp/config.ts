import { DEFAULT_MAX_ATTRIBUTES_PER_ITEM, DEFAULT_MAX_DEPTH, DEFAULT_MAX_ITEMS, DEFAULT_MAX_REJECTED, MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { DEFAULT_SECRET_KEYS, DEFAULT_URL_KEYS } from '@signalbox/signals/otlp/scan/secret-keys';
import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { duration } from '../../config/duration.js';
import { listenEndpoint } from '../../config/listen-endpoint.js';
import { ConfigError, mistakeAt } from '../../config/error.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { headersSchema } from '../../exporters/http/config.js';
import { serverTlsSchema } from '../../security/server-tls.js';
import { keepaliveSchema } from './grpc/keepalive.js';
import { tenantLimitsSchema } from '../requests/tenant-limits.js';

const MIB = 2 ** 20;
const urlPath = (path: string) => z.string().regex(/^\/[!-~]*$/, 'expected a path that begins with /').default(path);

const AUTH = 'who may send is told by tokens: make them with `signalbox token create`, and demand them on loopback too with auth.required: true.';

const grpc = z.strictObject({
  endpoint: listenEndpoint().default('127.0.0.1:4317').describe('Where OTLP over gRPC is accepted.'),
  max_recv_msg_size_mib: z.number().positive().max(1024).default(16).describe('Size of one message, decompressed, in MiB.'),
  max_concurrent_streams: z.int().min(1).max(10_000).default(256).describe('Calls at once on one connection.'),
  max_connections: z.int().min(1).default(1000).describe('Connections at once.'),
  read_timeout: duration({ minMs: 1 }).default(60_000).describe('A message must have arrived within it.'),
  tls: serverTlsSchema.optional(),
  auth: refused(AUTH),
  middlewares: refused('let a proxy do it, in front of the endpoint.'),
  keepalive: keepaliveSchema.prefault({}),
  transport: z.literal('tcp').optional().describe('Of the OpenTelemetry Collector; only TCP is spoken.'),
  read_buffer_size: withoutEffect('Node.js has its own.'),
  write_buffer_size: withoutEffect('Node.js has its own.'),
  include_metadata: withoutEffect('the tenant alone is kept.'),
});

const http = z.strictObject({
  endpoint: listenEndpoint().default('127.0.0.1:4318').describe('Where OTLP over HTTP is accepted.'),
  max_request_body_size: byteSize({ min: 1, max: 1024 * MIB }).default(16 * MIB).describe('Size of one body, before and after decompression.'),
  max_connections: z.int().min(1).default(1000).describe('Connections at once.'),
  read_header_timeout: duration({ minMs: 1 }).default(10_000).describe("A request's headers must have arrived within it."),
  read_timeout: duration({ minMs: 1 }).default(60_000).describe('A whole request must have arrived within it.'),
  idle_timeout: duration({ minMs: 1 }).default(60_000).describe('A connection without requests is closed after it.'),
  keep_alives_enabled: z.boolean().default(true).describe('Whether connections stay open for further requests.'),
  compression_algorithms: z.array(z.enum(['', 'gzip', 'zstd', 'zlib', 'deflate'])).optional().describe('Encodings of bodies that are taken, empty for none; without it all that Node.js has here.'),
  response_headers: headersSchema.describe('Headers of every answer.'),
  traces_url_path: urlPath('/v1/traces'),
  logs_url_path: urlPath('/v1/logs'),
  metrics_url_path: urlPath('/v1/metrics'),
  allowed_hosts: z.array(z.string()).default([]).describe('Host names, besides loopback ones, that requests may name; `*` for any. On an address other than loopback any is accepted unless some are listed.'),
  tls: serverTlsSchema.optional(),
  cors: z
    .strictObject({
      allowed_origins: z.array(z.string()).default([]).describe('Pages that may send from a browser: `https://app.example.org`, `https://*.example.org`.'),
      allowed_headers: z.array(z.string()).default([]).describe('Headers that those may send besides content-type, content-encoding, authorization and those of tracing; `*` for any.'),
      exposed_headers: withoutEffect('answers say everything in their body.'),
      max_age: z.int().min(0).default(7200).describe('Seconds that browsers may remember the answer.'),
    })
    .prefault({}),
  auth: refused(AUTH),
  middlewares: refused('let a proxy do it, in front of the endpoint.'),
  write_timeout: withoutEffect('answers are small; idle_timeout holds for connections.'),
  include_metadata: withoutEffect('the tenant alone is kept.'),
});

const schema = z.strictObject({
  protocols: z.strictObject({ grpc: grpc.optional(), http: http.optional() }).optional().describe('What is listed is served; without `protocols`, both.'),
  redact: z
    .strictObject({
      attributes: z.array(z.string().min(1).max(255)).default([...DEFAULT_SECRET_KEYS]).describe('Attributes whose values are overwritten before they reach disk.'),
      additional_attributes: z.array(z.string().min(1).max(255)).default([]).describe('Further ones, beside the list above.'),
      url_attributes: z.array(z.string().min(1).max(255)).default([...DEFAULT_URL_KEYS]).describe('Attributes in whose URLs and connection strings passwords are overwritten.'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      max_depth: z.int().min(1).max(MAX_DEPTH_CEILING).default(DEFAULT_MAX_DEPTH).describe('Nesting of attribute values.'),
      max_attributes_per_item: z.int().min(1).default(DEFAULT_MAX_ATTRIBUTES_PER_ITEM).describe('Attributes of one span, log record or data point, nested ones included.'),
      max_items: z.int().min(1).default(DEFAULT_MAX_ITEMS).describe('Spans, log records or data points in one request.'),
      max_rejected: z.int().min(1).default(DEFAULT_MAX_REJECTED).describe('A request with more items that are of no use is refused whole.'),
    })
    .prefault({}),
  tenant_limits: tenantLimitsSchema.prefault({}),
});

export type GrpcConfig = z.output<typeof grpc>;
export type HttpConfig = z.output<typeof http>;
export interface OtlpReceiverConfig extends z.output<typeof schema> {
  readonly protocols: { readonly grpc?: GrpcConfig; readonly http?: HttpConfig };
}

export { schema as otlpReceiverSchema };

/** @throws ConfigError */
export function parseConfig(raw: unknown, place: ConfigPlace): OtlpReceiverConfig {
  const config = parseSection(schema, raw, place);
  const protocols = config.protocols ?? parseSection(z.strictObject({ grpc, http }), { grpc: {}, http: {} }, place.child('protocols'));
  if (!protocols.grpc && !protocols.http) {
    throw new ConfigError([mistakeAt(place.child('protocols'), 'SBX_CONFIG_MISSING', 'name at least one of: grpc, http.')]);
  }
  const { http: served } = protocols;
  if (served && new Set([served.traces_url_path, served.logs_url_path, served.metrics_url_path]).size < 3) {
    throw new ConfigError([mistakeAt(place.child('protocols').child('http'), 'SBX_CONFIG_BAD_VALUE', 'traces_url_path, logs_url_path and metrics_url_path must differ.')]);
  }
  return { ...config, protocols };
}
