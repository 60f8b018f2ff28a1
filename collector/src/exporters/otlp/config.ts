import { z } from 'zod';
import { byteSize } from '../../config/bytes.js';
import { parseEndpoint } from '../../config/endpoint.js';
import { refused, withoutEffect } from '../../config/foreign.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { authSchema } from '../http/authorization.js';
import { compressionSchema } from '../http/compression.js';
import { headersSchema, httpClientShape, httpUrl } from '../http/config.js';
import { tlsSchema } from '../http/tls.js';

const LEVEL = 'gzip works at its fastest level.';

export const otlpSchema = z.strictObject({
  endpoint: z
    .string()
    .refine(isGrpcEndpoint, { message: 'expected HOST:PORT, http://HOST:PORT or https://HOST:PORT.' })
    .describe('Where the destination listens for OTLP over gRPC. Without a scheme TLS is used, unless tls.insecure is true.'),
  headers: headersSchema,
  tls: tlsSchema.prefault({}).describe('TLS of the connection.'),
  auth: authSchema.prefault({}),
  compression: compressionSchema,
  compression_params: withoutEffect(LEVEL),
  keepalive: withoutEffect('a connection that fails is known by its calls, which are tried again.'),
  wait_for_ready: withoutEffect('calls that fail are tried again.'),
  balancer_name: withoutEffect('there is one connection; put a balancer in front of several destinations.'),
  read_buffer_size: withoutEffect('Node.js has its own.'),
  write_buffer_size: withoutEffect('Node.js has its own.'),
  authority: refused('for the name in a certificate there is tls.server_name_override.'),
  middlewares: refused('name the destination itself.'),
  max_response_bytes: byteSize({ min: 1024 }).default(1024 * 1024).describe('How much of an answer is read.'),
});

export type OtlpConfig = z.output<typeof otlpSchema>;

export const otlpHttpSchema = z
  .strictObject({
    endpoint: httpUrl().optional().describe('Base of the paths /v1/traces, /v1/logs and /v1/metrics.'),
    traces_endpoint: httpUrl().optional().describe('The whole URL for traces.'),
    logs_endpoint: httpUrl().optional().describe('The whole URL for logs.'),
    metrics_endpoint: httpUrl().optional().describe('The whole URL for metrics.'),
    ...httpClientShape,
    encoding: z.enum(['proto', 'json']).default('proto').describe('Protobuf or JSON.'),
    compression: compressionSchema,
    compression_params: withoutEffect(LEVEL),
    profiles_endpoint: refused('there are traces, logs and metrics.'),
  })
  .refine(({ endpoint, traces_endpoint, logs_endpoint, metrics_endpoint }) => endpoint !== undefined || (traces_endpoint !== undefined && logs_endpoint !== undefined && metrics_endpoint !== undefined), {
    message: 'a value is needed here: endpoint, or one for each signal.',
    path: ['endpoint'],
  });

export type OtlpHttpConfig = z.output<typeof otlpHttpSchema>;

export function parseOtlpConfig(raw: unknown, place: ConfigPlace): OtlpConfig {
  return parseSection(otlpSchema, raw, place);
}

export function parseOtlpHttpConfig(raw: unknown, place: ConfigPlace): OtlpHttpConfig {
  return parseSection(otlpHttpSchema, raw, place);
}

/** With http: for plain text and https: for TLS. */
export function grpcUrl({ endpoint, tls }: OtlpConfig): URL {
  return new URL(/^https?:\/\//.test(endpoint) ? endpoint : `${tls.insecure === true ? 'http' : 'https'}://${endpoint}`);
}

export function httpUrls(config: OtlpHttpConfig): { traces: URL; logs: URL; metrics: URL } {
  const base = (config.endpoint ?? '').replace(/\/$/, '');
  return {
    traces: new URL(config.traces_endpoint ?? `${base}/v1/traces`),
    logs: new URL(config.logs_endpoint ?? `${base}/v1/logs`),
    metrics: new URL(config.metrics_endpoint ?? `${base}/v1/metrics`),
  };
}

function isGrpcEndpoint(text: string): boolean {
  const bare = text.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const endpoint = parseEndpoint(bare);
  return endpoint !== null && endpoint.host !== undefined && endpoint.port > 0;
}
